import { backoffMs, type Clock, newUuid, problemsText } from '@tidemark/base'
import { agentConfigurations, isImmutableId, type MachineRegistration, problemOf } from '@tidemark/model'
import type { Logger } from 'pino'

import { retryAfter } from '../upload/outcome.ts'
import type { Answer, Transport } from '../upload/transport.ts'
import { parseChunk, type RuleInForce } from './config-chunks.ts'

export interface FetchingOptions {
  readonly transport: Transport
  readonly registration: MachineRegistration
  readonly refreshMs: number
  readonly clock: Clock
  readonly chance: () => number
  readonly log: Logger
  readonly signal: AbortSignal
  /** The rules in force now; a rule whose new content is broken stays as it is. */
  readonly current: () => readonly RuleInForce[]
  readonly onRules: (rules: readonly RuleInForce[]) => void
  /** Told after each try: why it failed, or undefined. `problems` are broken rules of the last good answer. */
  readonly onState: (state: { readonly error?: string; readonly problems: readonly string[] }) => void
}

const BACKOFF = { firstMs: 500, delayMsMax: 60_000 } as const
/** How often an answer may send us on to another address before that counts as a failure. */
const REDIRECTS_MAX = 3

/** Asks the control plane for this machine's rules (protocol: AMCS) until the signal. */
export async function fetchRules(options: FetchingOptions): Promise<void> {
  const { clock, signal, refreshMs, chance } = options
  let eTag: string | undefined
  let endpoint = options.registration.serverUrl
  let failures = 0
  let redirects = 0
  let problems: readonly string[] = []
  while (!signal.aborted) {
    let waitMs = refreshMs
    try {
      const answer = await ask(options, endpoint, eTag)
      const elsewhere = answer.status === 421 ? answer.headers['x-ms-agent-config-endpoint'] : undefined
      if (elsewhere !== undefined && redirects < REDIRECTS_MAX) {
        redirects += 1
        endpoint = elsewhere
        continue
      }
      redirects = 0
      if (answer.status === 200) {
        problems = takeRules(options, answer)
        eTag = answer.headers['etag']
      } else if (answer.status !== 304) throw new FetchFailed(answer, clock.nowMs())
      failures = 0
      options.onState({ problems })
    } catch (error) {
      if (signal.aborted) return
      const reason = error instanceof Error ? error.message : String(error)
      const retryMs = error instanceof FetchFailed ? error.retryAfterMs : undefined
      waitMs = Math.max(
        retryMs ?? 0,
        backoffMs(failures, { ...BACKOFF, delayMsMax: Math.min(BACKOFF.delayMsMax, refreshMs) }, chance),
      )
      if (failures === 0) options.log.warn({ reason }, 'no rules from the server; those on disk stay in force')
      failures += 1
      options.onState({ error: reason, problems })
    }
    await clock.sleep(waitMs, signal).catch(() => undefined)
  }
}

class FetchFailed extends Error {
  override readonly name = 'FetchFailed'
  readonly retryAfterMs: number | undefined

  constructor(answer: Answer, nowMs: number) {
    super(`status ${answer.status}: ${meaning(answer)}`)
    this.retryAfterMs = retryAfter(answer.headers['retry-after'], nowMs)
  }
}

function meaning({ status, text }: Answer): string {
  if (status === 401 || status === 403) return 'the server does not take the token of this machine; register it again'
  if (status === 404) return 'the server does not know this machine; register it again'
  return text.slice(0, 300)
}

async function ask(options: FetchingOptions, endpoint: string, eTag: string | undefined): Promise<Answer> {
  const { transport, registration, signal } = options
  const { region, resourceId, token } = registration
  const query = 'platform=linux&api-version=2022-06-02'
  return await transport({
    method: 'GET',
    url: `${endpoint.replace(/\/+$/, '')}/locations/${region}${resourceId}/agentConfigurations?${query}`,
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'application/json',
      'x-ms-client-request-id': newUuid(),
      ...(eTag === undefined ? {} : { 'if-none-match': eTag }),
    },
    signal,
  })
}

/** Puts the answer's rules in force; returns what is wrong with single ones. Throws where the answer is none. */
function takeRules(options: FetchingOptions, answer: Answer): readonly string[] {
  const read = agentConfigurations.safeParse(JSON.parse(answer.text))
  if (!read.success) throw new Error(`the server's answer is wrong: ${problemsText(read.error.issues.map(problemOf))}`)
  const problems: string[] = []
  const rules: RuleInForce[] = []
  for (const { configurationId: id, eTag, op, content } of read.data.configurations) {
    if (op === 'removed') continue
    const chunk = isImmutableId(id) ? parseChunk(content) : 'its id is no immutable id of a rule'
    if (typeof chunk !== 'string') rules.push({ id, eTag, chunk })
    else {
      problems.push(`${id}: ${chunk}`)
      options.log.error({ rule: id, reason: chunk }, 'a rule is broken; its last good version stays in force')
      const last = options.current().find((rule) => rule.id === id)
      if (last) rules.push(last)
    }
  }
  options.onRules(rules.sort((one, other) => (one.id < other.id ? -1 : 1)))
  return problems
}
