import type {
  ForecastView,
  RuleDetail,
  RuleSummary,
  RuleTarget,
  RuleVersion,
  RuleVersionDetail,
  SessionView,
} from '@tidemark/model'

import { askServer } from './client.ts'

const VERSION = 'api-version=2022-06-01'
const RULES =
  '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/tidemark/providers/Microsoft.Insights/dataCollectionRules'

const place = (rule: string): string => `/api/rules/${encodeURIComponent(rule)}`

/** Every rule, in the order of their ids. */
export async function ruleList(signal: AbortSignal): Promise<readonly RuleSummary[]> {
  return (await askServer<{ rules: readonly RuleSummary[] }>('GET', '/api/rules', { signal })).rules
}

/** A rule as it was saved last. Throws `RequestFailed` 404 where there is none. */
export async function ruleDetail(rule: string, signal?: AbortSignal): Promise<RuleDetail> {
  return await askServer<RuleDetail>('GET', place(rule), signal ? { signal } : {})
}

/** What whoever is signed in may do. */
export async function ownRights(signal: AbortSignal): Promise<readonly string[]> {
  return (await askServer<SessionView>('GET', '/api/session', { signal })).rights
}

/** Makes a rule; throws `RequestFailed` 412 where one has the name. Resolves with its immutable id. */
export async function createRule(name: string, document: unknown): Promise<string> {
  const headers = { 'if-none-match': '*' }
  const address = `${RULES}/${encodeURIComponent(name)}?${VERSION}`
  const made = await askServer<SavedRule>('PUT', address, { body: document, headers })
  return made.properties.immutableId
}

/** Saves a rule where nobody did since `etag`; throws `RequestFailed` 412 where somebody did. */
export async function saveRule(id: string, document: unknown, etag: string): Promise<void> {
  await askServer('PUT', `${id}?${VERSION}`, { body: document, headers: { 'if-match': etag } })
}

interface SavedRule {
  readonly properties: { readonly immutableId: string }
}

/** Takes a rule away, with its associations; throws `RequestFailed` 412 where somebody saved it since `etag`. */
export async function deleteRule(id: string, etag: string): Promise<void> {
  await askServer('DELETE', `${id}?${VERSION}`, { headers: { 'if-match': etag } })
}

/** Saved versions, newest first; those before one, where it is said. */
export async function ruleVersions(
  rule: string,
  before: number | undefined,
  signal: AbortSignal,
): Promise<readonly RuleVersion[]> {
  const query = before === undefined ? '' : `?before=${before}`
  return (await askServer<{ versions: readonly RuleVersion[] }>('GET', `${place(rule)}/versions${query}`, { signal }))
    .versions
}

/** One of them with its document. */
export async function ruleVersion(rule: string, version: number, signal: AbortSignal): Promise<RuleVersionDetail> {
  return await askServer<RuleVersionDetail>('GET', `${place(rule)}/versions/${version}`, { signal })
}

/** Makes what a version says the newest one; throws `RequestFailed` 412 where somebody saved since `etag`. */
export async function restoreVersion(rule: string, version: number, etag: string): Promise<RuleDetail> {
  const headers = { 'if-match': etag }
  return await askServer<RuleDetail>('POST', `${place(rule)}/restore`, { body: { version }, headers })
}

/** Says for which machines a rule is, beside those that it is associated with one by one. */
export async function setTargets(rule: string, targets: readonly RuleTarget[]): Promise<void> {
  await askServer('PUT', `${place(rule)}/targets`, { body: { targets } })
}

/** Associates a machine with a rule, both by ARM id. */
export async function associate(machine: string, rule: { readonly id: string; readonly name: string }): Promise<void> {
  const body = { properties: { dataCollectionRuleId: rule.id } }
  await askServer('PUT', associationPlace(machine, rule.name), { body })
}

export async function dissociate(machine: string, association: string): Promise<void> {
  await askServer('DELETE', associationPlace(machine, association))
}

function associationPlace(machine: string, name: string): string {
  return `${machine}/providers/Microsoft.Insights/dataCollectionRuleAssociations/${encodeURIComponent(name)}?${VERSION}`
}

/** Asks machines what settings would track there. */
export async function askForecast(extensionSettings: unknown, machines: readonly string[]): Promise<ForecastView> {
  return await askServer<ForecastView>('POST', '/api/forecasts', { body: { extensionSettings, machines } })
}

export async function forecastOf(id: string, signal: AbortSignal): Promise<ForecastView> {
  return await askServer<ForecastView>('GET', `/api/forecasts/${encodeURIComponent(id)}`, { signal })
}

/** Nobody waits for it any more. */
export async function cancelForecast(id: string): Promise<void> {
  await askServer('DELETE', `/api/forecasts/${encodeURIComponent(id)}`)
}
