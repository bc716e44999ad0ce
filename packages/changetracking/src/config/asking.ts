import { type Clock, isAbort, newUuid, problemsText } from '@tidemark/base'
import { connectForward, socketAddress } from '@tidemark/forward'
import { extensionName, socketNames } from '@tidemark/model'
import type { Logger } from 'pino'

import { parseTracking, type Tracking } from './tracking.ts'

export interface AskingOptions {
  readonly socketsDirectory?: string | undefined
  readonly refreshMs: number
  readonly retryMs: number
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
  /** Told each good answer whose text differs from the last one. */
  readonly onTracking: (tracking: Tracking, text: string) => void
  /** Told why there is no answer, and `undefined` when there is one again. */
  readonly onTrouble: (reason: string | undefined) => void
}

/** How long the agent may take for an answer, in milliseconds. */
const ANSWER_MS_MAX = 10_000

/** Asks the agent for the rules, now and then again every `refreshMs`, until the signal; sooner while it does not answer. */
export async function askForTracking(options: AskingOptions): Promise<void> {
  const { clock, signal } = options
  let last: string | undefined
  while (!signal.aborted) {
    const answer = await ask(options)
    if (answer !== undefined && answer.text !== last) {
      last = answer.text
      options.onTracking(answer.tracking, answer.text)
    }
    await clock.sleep(answer === undefined ? options.retryMs : options.refreshMs, signal).catch(() => undefined)
  }
}

async function ask(options: AskingOptions): Promise<{ tracking: Tracking; text: string } | undefined> {
  const { clock, signal, log, onTrouble } = options
  try {
    const address = socketAddress(socketNames.config, options.socketsDirectory)
    await using client = await connectForward(address, { clock, signal, answerMsMax: ANSWER_MS_MAX })
    const requestId = newUuid()
    const request = { Request: 'AgentTaggedData', RequestId: requestId, Tag: extensionName, Version: '1' }
    const answer = await client.request(JSON.stringify(request))
    const parsed = parseTracking(answer)
    if (parsed.kind === 'rejected') throw new Error(`the agent's answer is wrong: ${problemsText(parsed.problems)}`)
    onTrouble(undefined)
    // Each answer echoes its request's id: without it, equal rules have equal texts.
    return { tracking: parsed.value, text: answer.replaceAll(requestId, '') }
  } catch (error) {
    if (isAbort(error, signal) || signal.aborted) return undefined
    const reason = error instanceof Error ? error.message : String(error)
    log.debug({ reason }, 'the agent gives no rules')
    onTrouble(reason)
    return undefined
  }
}
