/** What an ARM path names; segments that ARM compares without regard to case are in lower case in `key`s. */
export type ArmPath =
  | { readonly kind: 'rules'; readonly subscription: string; readonly resourceGroup?: string }
  | { readonly kind: 'rule'; readonly subscription: string; readonly resourceGroup: string; readonly name: string }
  | {
      readonly kind: 'rule-associations'
      readonly subscription: string
      readonly resourceGroup: string
      readonly name: string
    }
  | { readonly kind: 'associations'; readonly resourceId: string }
  | { readonly kind: 'association'; readonly resourceId: string; readonly name: string }
  | { readonly kind: 'configurations'; readonly resourceId: string }
  | { readonly kind: 'ingestion-token'; readonly resourceId: string; readonly rule: string; readonly channel: string }

/** Reads the path of a request (without its query); `undefined` for what is no path of ours. Double slashes count once. */
export function parseArmPath(path: string): ArmPath | undefined {
  const segments = decoded(path)
  if (segments === undefined) return undefined
  // Agents may put the region in front: /locations/<region>/subscriptions/…
  const at = segments[0]?.toLowerCase() === 'locations' ? segments.slice(2) : segments
  if (at[0]?.toLowerCase() !== 'subscriptions' || at[1] === undefined) return undefined
  return agentPath(at) ?? associationPath(at) ?? rulePath(at)
}

/** The rule's ARM id, as it is shown. */
export function ruleId(rule: {
  readonly subscription: string
  readonly resourceGroup: string
  readonly name: string
}): string {
  return `/subscriptions/${rule.subscription}/resourceGroups/${rule.resourceGroup}/providers/Microsoft.Insights/dataCollectionRules/${rule.name}`
}

function decoded(path: string): string[] | undefined {
  try {
    return path.split('/').filter(Boolean).map(decodeURIComponent)
  } catch {
    return undefined
  }
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

function rulePath(segments: readonly string[]): ArmPath | undefined {
  const [, subscription = '', ...rest] = segments
  const resourceGroup = rest[0]?.toLowerCase() === 'resourcegroups' ? rest[1] : undefined
  const [providers, provider, type, name, last, ...more] = resourceGroup === undefined ? rest : rest.slice(2)
  const isRule =
    providers?.toLowerCase() === 'providers' &&
    provider?.toLowerCase() === 'microsoft.insights' &&
    type?.toLowerCase() === 'datacollectionrules'
  if (!isRule || more.length > 0) return undefined
  if (name === undefined)
    return { kind: 'rules', subscription, ...(resourceGroup === undefined ? {} : { resourceGroup }) }
  if (resourceGroup === undefined) return undefined
  if (last === undefined) return { kind: 'rule', subscription, resourceGroup, name }
  return last.toLowerCase() === 'associations'
    ? { kind: 'rule-associations', subscription, resourceGroup, name }
    : undefined
}
