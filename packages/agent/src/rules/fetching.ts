import { type Clock, newUuid, problemsText } from '@tidemark/base'
import { agentConfigurations, isImmutableId, type MachineRegistration, parseJsonText, problemOf } from '@tidemark/model'
import type { Logger } from 'pino'

import type { MachineTokens } from '../upload/machine-tokens.ts'
import { retryAfterOf } from '../upload/outcome.ts'
import { pace, retryDelayMs, spreadMs } from '../upload/pace.ts'
import type { Answer, Transport } from '../upload/transport.ts'
import { parseChunk, type RuleInForce } from './config-chunks.ts'

export interface FetchingOptions {
  readonly transport: Transport
  readonly registration: MachineRegistration
  readonly machineTokens: MachineTokens
  readonly refreshMs: number
  readonly clock: Clock
  readonly chance: () => number
  readonly log: Logger
  readonly signal: AbortSignal
  /** The rules in force now; a rule whose new content is broken stays as it is. */
  readonly current: () => readonly RuleInForce[]
  readonly onRules: (rules: readonly RuleInForce[]) => void
  /** Told after each try. */
  readonly onState: (state: FetchState) => void
}

/** How the questions for rules go. */
export interface FetchState {
  /** Why the last one failed; absent where it did not. */
  readonly error?: string
  /** Broken rules of the last good answer, with the place of the mistake. */
  readonly problems: readonly string[]
}

/** How often an answer may send us on to another address before that counts as a failure. */
const REDIRECTS_MAX = 3

/** Asks the control plane for this machine's rules (protocol: AMCS) until the signal. */
export async function fetchRules(options: FetchingOptions): Promise<void> {
  const { clock, signal, refreshMs, chance } = options
  const at: Whereabouts = { endpoint: options.registration.serverUrl, eTag: undefined, problems: [] }
  for (let failures = 0; !signal.aborted;) {
    let waitMs = spreadMs(refreshMs, chance)
    try {
      await fetchOnce(options, at)
      failures = 0
      options.onState({ problems: at.problems })
    } catch (error) {
      if (signal.aborted) return
      const reason = error instanceof Error ? error.message : String(error)
      const retryAfterMs = error instanceof FetchFailed ? error.retryAfterMs : undefined
      const bounded = { ...pace, delayMsMax: Math.min(pace.delayMsMax, refreshMs) }
      waitMs = retryDelayMs(failures, { chance, retryAfterMs, pace: bounded })
      if (failures === 0) options.log.warn({ reason }, 'no rules from the server; those on disk stay in force')
      failures += 1
      // Where we were sent may be gone: the next try begins where the registration says.
      at.endpoint = options.registration.serverUrl
      options.onState({ error: reason, problems: at.problems })
    }
    await clock.sleep(waitMs, signal).catch(() => undefined)
  }
}

/** Where to ask, and what is known from the last good answer. */
interface Whereabouts {
  endpoint: string
  eTag: string | undefined
  problems: readonly string[]
}

/** One question, asked on where the server sends us (421). Throws where there is no good answer. */
async function fetchOnce(options: FetchingOptions, at: Whereabouts): Promise<void> {
  for (let redirects = 0; ; redirects += 1) {
    const answer = await ask(options, at.endpoint, at.eTag)
    const elsewhere = answer.status === 421 ? answer.headers['x-ms-agent-config-endpoint'] : undefined
    if (elsewhere !== undefined && redirects < REDIRECTS_MAX) {
      at.endpoint = checkedEndpoint(elsewhere, options.registration.serverUrl)
      continue
    }
    if (answer.status === 401) options.machineTokens.forget()
    if (answer.status === 304 && at.eTag !== undefined) return
    if (answer.status !== 200) throw new FetchFailed(answer, options.clock.nowMs())
    at.problems = takeRules(options, answer)
    at.eTag = answer.headers['etag']
    return
  }
}

/** The machine's token goes to no address that is less safe than the registration's. */
function checkedEndpoint(text: string, registered: string): string {
  const isUrl = URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
  if (!isUrl) throw new Error(`the server sends us to "${text.slice(0, 200)}", which is no address`)
  if (registered.startsWith('https:') && !text.startsWith('https:'))
    throw new Error(`the server sends us to ${text.slice(0, 200)}, which has no TLS; that is not followed`)
  return text
}

class FetchFailed extends Error {
  override readonly name = 'FetchFailed'
  readonly retryAfterMs: number | undefined

  constructor(answer: Answer, nowMs: number) {
    super(`status ${answer.status}: ${meaning(answer)}`)
    this.retryAfterMs = retryAfterOf(answer, nowMs)
  }
}

function meaning({ status, text }: Answer): string {
  if (status === 401 || status === 403) return 'the server does not take the token of this machine; register it again'
  if (status === 404) return 'the server does not know this machine; register it again'
  return text.slice(0, 300)
}

async function ask(options: FetchingOptions, endpoint: string, eTag: string | undefined): Promise<Answer> {
  const { transport, registration, machineTokens, signal } = options
  const { region, resourceId } = registration
  const token = await machineTokens.token(signal)
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
  const document = parseJsonText(answer.text)
  if (document.kind === 'rejected')
    throw new Error(`the server's answer is no JSON: ${problemsText(document.problems)}`)
  const read = agentConfigurations.safeParse(document.value)
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
      // Where the id itself is broken, it may be that of any rule that seems to be gone.
      const isNamed = (rule: RuleInForce): boolean =>
        read.data.configurations.some((each) => each.configurationId === rule.id)
      const isLast = (rule: RuleInForce): boolean => (isImmutableId(id) ? rule.id === id : !isNamed(rule))
      rules.push(...options.current().filter((rule) => isLast(rule) && !rules.includes(rule)))
    }
  }
  options.onRules(rules.sort((one, other) => (one.id < other.id ? -1 : 1)))
  return problems
}
