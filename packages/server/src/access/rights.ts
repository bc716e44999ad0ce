/** What somebody may do. Each route asks for one; who does not hold it is answered 403. */
export const rights = [
  /** Changes, inventory, queries and machines as they are. */
  'read',
  'rules:read',
  'rules:write',
  'machines:write',
  /** Rows by the Logs Ingestion API; machines upload with tokens of their own. */
  'ingest',
  /** Contents of files, with likely secrets hidden. */
  'content:read',
  /** Contents as they are. */
  'content:read-unredacted',
  /** API tokens and workspaces. */
  'access:write',
  /** How long rows are kept, and backups. */
  'store:write',
] as const
export type Right = (typeof rights)[number]

/** Who holds which rights. A holder that is not in here, of a session that an older or newer version opened, has none. */
const rightsByHolder: Readonly<Record<string, readonly Right[]>> = {
  admin: rights,
  reader: ['read', 'rules:read'],
}

/** The rights of a holder; none where it is not known. */
export function rightsOf(holder: string | undefined): readonly Right[] {
  return holder !== undefined && Object.hasOwn(rightsByHolder, holder) ? (rightsByHolder[holder] ?? []) : []
}

/** What each scope of an API token allows. */
const rightsByScope: Readonly<Record<string, readonly Right[]>> = {
  read: ['read', 'rules:read'],
  ingest: ['ingest'],
  rules: ['rules:read', 'rules:write'],
  content: ['content:read'],
  'content:unredacted': ['content:read', 'content:read-unredacted'],
  admin: rights,
}

/** The scopes that an API token may have; docs/operating/server.md says what each allows. */
export const scopes: readonly string[] = Object.keys(rightsByScope)

/** What the scopes allow together; a scope that is not known allows nothing. */
export function rightsOfScopes(names: readonly string[]): readonly Right[] {
  const allowed = new Set(names.flatMap((name) => (Object.hasOwn(rightsByScope, name) ? rightsByScope[name] : [])))
  return rights.filter((right) => allowed.has(right))
}

/** The rights that handlers of `People.requires` ask for: a route that has one has said who may use it. */
export const rightOfHandler = new WeakMap<object, Right>()
