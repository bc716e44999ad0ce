import type { Outcome } from '@tidemark/base'
import { uploadStatusesToRepeat } from '@tidemark/model'

import type { Answer } from './transport.ts'

/** The longest that a server's `Retry-After` is obeyed, in milliseconds: a day. */
export const RETRY_AFTER_MS_MAX = 86_400_000

/** What an answer means to the sender (protocol: ODS upload). `nowMs` is for a `Retry-After` that is a date. */
export function outcomeOf(answer: Answer, nowMs: number): Outcome {
  if (answer.status >= 200 && answer.status < 300) return { kind: 'accepted' }
  const reason = `status ${answer.status}${answer.text === '' ? '' : `: ${answer.text.slice(0, 500)}`}`
  if (!uploadStatusesToRepeat.has(answer.status)) return { kind: 'refused', reason }
  const retryAfterMs = retryAfterOf(answer, nowMs)
  return { kind: 'unavailable', reason, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }
}

/** How long an answer asks to wait. A date is compared with the answer's own, where it has one: our clock may be wrong. */
export function retryAfterOf({ headers }: Answer, nowMs: number): number | undefined {
  const answeredMs = Date.parse(headers['date'] ?? '')
  return retryAfter(headers['retry-after'], Number.isNaN(answeredMs) ? nowMs : answeredMs)
}

/** `Retry-After` (RFC 9110 §10.2.3): seconds or a date. `undefined` for text that is neither. */
export function retryAfter(text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined) return undefined
  const waitMs = /^\d{1,9}$/.test(text.trim()) ? Number(text) * 1_000 : Date.parse(text) - nowMs
  return Number.isNaN(waitMs) ? undefined : Math.min(RETRY_AFTER_MS_MAX, Math.max(0, waitMs))
}
