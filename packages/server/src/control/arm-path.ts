/** Kinds of resources that are kept by name in a resource group. */
export type NamedType = 'rule' | 'endpoint'

/** What an ARM path names. */
export type ArmPath =
  | {
      readonly kind: 'list'
      readonly type: NamedType
      readonly subscription: string
      readonly resourceGroup?: string
    }
  | {
      readonly kind: 'one' | 'associations-with'
      readonly type: NamedType
      readonly subscription: string
      readonly resourceGroup: string
      readonly name: string
    }
  | { readonly kind: 'associations'; readonly resourceId: string }
  | { readonly kind: 'association'; readonly resourceId: string; readonly name: string }
  | { readonly kind: 'configurations'; readonly resourceId: string }
  | { readonly kind: 'ingestion-token'; readonly resourceId: string; readonly rule: string; readonly channel: string }
  /** What the server wants to know of a machine. */
  | { readonly kind: 'questions'; readonly resourceId: string }
  | { readonly kind: 'answer'; readonly resourceId: string; readonly question: string }

/** Paths that machines ask for, by tokens of their own. */
export type MachinePath = Extract<
  ArmPath,
  { readonly kind: 'configurations' | 'ingestion-token' | 'questions' | 'answer' }
>

/** Whether it is a machine that asks there. */
export function isMachinePath(path: ArmPath): path is MachinePath {
  return machineKinds.has(path.kind)
}

const machineKinds: ReadonlySet<ArmPath['kind']> = new Set(['configurations', 'ingestion-token', 'questions', 'answer'])

/** Reads the path of a request (without its query); `undefined` for what is no path of ours. Double slashes count once. */
export function parseArmPath(path: string): ArmPath | undefined {
  const segments = decoded(path)
  if (segments === undefined) return undefined
  // Agents may put the region in front: /locations/<region>/subscriptions/…
  const at = segments[0]?.toLowerCase() === 'locations' ? segments.slice(2) : segments
  if (at[0]?.toLowerCase() !== 'subscriptions' || at[1] === undefined) return undefined
  return agentPath(at) ?? questionPath(at) ?? associationPath(at) ?? namedPath(at)
}

/** Where something with a name is. */
export interface Address {
  readonly subscription: string
  readonly resourceGroup: string
  readonly name: string
}

/** The rule's ARM id, as it is shown. */
export function ruleId(rule: Address): string {
  return namedId(rule, 'dataCollectionRules')
}

/** The endpoint's ARM id, as it is shown. */
export function endpointId(endpoint: Address): string {
  return namedId(endpoint, 'dataCollectionEndpoints')
}

/** Where the rule of an ARM id is; the other way of `ruleId`. Throws for what is no id of a rule. */
export function addressOf(id: string): Address {
  const path = parseArmPath(id)
  if (path?.kind !== 'one' || path.type !== 'rule') throw new Error(`${id} is no id of a rule`)
  return path
}

function namedId({ subscription, resourceGroup, name }: Address, type: string): string {
  return `/subscriptions/${subscription}/resourceGroups/${resourceGroup}/providers/Microsoft.Insights/${type}/${name}`
}

function decoded(path: string): string[] | undefined {
  try {
    return path.split('/').filter(Boolean).map(decodeURIComponent)
  } catch {
    return undefined
  }
}

function questionPath(segments: readonly string[]): ArmPath | undefined {
  const at = segments.findIndex((segment) => segment.toLowerCase() === 'agentquestions')
  const [question, ...rest] = segments.slice(at + 1)
  if (at < 0 || rest.length > 0) return undefined
  const resourceId = `/${segments.slice(0, at).join('/')}`
  return question === undefined ? { kind: 'questions', resourceId } : { kind: 'answer', resourceId, question }
}

function agentPath(segments: readonly string[]): ArmPath | undefined {
  const at = segments.findIndex((segment) => segment.toLowerCase() === 'agentconfigurations')
  if (at < 0) return undefined
  const resourceId = `/${segments.slice(0, at).join('/')}`
  const [rule, channels, channel, verb, ...rest] = segments.slice(at + 1)
  if (rule === undefined) return { kind: 'configurations', resourceId }
  const isToken = channels?.toLowerCase() === 'channels' && verb?.toLowerCase() === 'issueingestiontoken'
  if (!isToken || channel === undefined || rest.length > 0) return undefined
  return { kind: 'ingestion-token', resourceId, rule, channel }
}

function associationPath(segments: readonly string[]): ArmPath | undefined {
  const at = segments.findIndex((segment) => segment.toLowerCase() === 'datacollectionruleassociations')
  if (at < 2 || segments[at - 1]?.toLowerCase() !== 'microsoft.insights') return undefined
  const resourceId = `/${segments.slice(0, at - 2).join('/')}`
  const [name, ...rest] = segments.slice(at + 1)
  if (rest.length > 0) return undefined
  return name === undefined ? { kind: 'associations', resourceId } : { kind: 'association', resourceId, name }
}

const NAMED: ReadonlyMap<string | undefined, NamedType> = new Map([
  ['datacollectionrules', 'rule'],
  ['datacollectionendpoints', 'endpoint'],
])

function namedPath(segments: readonly string[]): ArmPath | undefined {
  const [, subscription = '', ...rest] = segments
  const resourceGroup = rest[0]?.toLowerCase() === 'resourcegroups' ? rest[1] : undefined
  const [providers, provider, typeName, name, last, ...more] = resourceGroup === undefined ? rest : rest.slice(2)
  const type = NAMED.get(typeName?.toLowerCase())
  const isOurs = providers?.toLowerCase() === 'providers' && provider?.toLowerCase() === 'microsoft.insights'
  if (!isOurs || type === undefined || more.length > 0) return undefined
  if (name === undefined)
    return { kind: 'list', type, subscription, ...(resourceGroup === undefined ? {} : { resourceGroup }) }
  if (resourceGroup === undefined) return undefined
  if (last === undefined) return { kind: 'one', type, subscription, resourceGroup, name }
  return last.toLowerCase() === 'associations'
    ? { kind: 'associations-with', type, subscription, resourceGroup, name }
    : undefined
}
