/** What somebody may do. Each route asks for one; who does not hold it is answered 403. */
export const rights = [
  /** Changes, inventory, queries, machines, and rules as they are. */
  'read',
  'rules:write',
  'machines:write',
  /** Contents of files, with likely secrets hidden. */
  'content:read',
  /** Contents as they are. */
  'content:read-unredacted',
] as const
export type Right = (typeof rights)[number]

/** Who holds which rights. A holder that is not in here, of a session that an older or newer version opened, has none. */
const rightsByHolder: Readonly<Record<string, readonly Right[]>> = {
  admin: rights,
  reader: ['read'],
}

/** The rights of a holder; none where it is not known. */
export function rightsOf(holder: string | undefined): readonly Right[] {
  return holder !== undefined && Object.hasOwn(rightsByHolder, holder) ? (rightsByHolder[holder] ?? []) : []
}
