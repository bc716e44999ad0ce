/** How waits between tries grow. */
export interface PaceSettings {
  readonly firstMs: number
  readonly delayMsMax: number
}

/** Waits of whatever speaks with the server: from about a second to five minutes. */
export const pace: PaceSettings = { firstMs: 1_000, delayMsMax: 300_000 }
/** Even the luckiest wait is so long. */
export const RETRY_MS_MIN = 250

/**
 * How long to wait after the failure `attempt` (0 is the first): anywhere between nothing and a bound that doubles up to
 * its limit (full jitter). Many senders that failed together come back evenly spread over five minutes. What the server
 * asked for (`Retry-After`) is waited first: it tells everybody the same moment, so the jitter comes on top of it.
 */
export function retryDelayMs(
  attempt: number,
  facts: { readonly chance: () => number; readonly retryAfterMs?: number | undefined; readonly pace?: PaceSettings },
): number {
  const { firstMs, delayMsMax } = facts.pace ?? pace
  const bound = Math.min(delayMsMax, firstMs * 2 ** Math.min(attempt, 40))
  const jitterMs = Math.round(bound * facts.chance())
  return facts.retryAfterMs === undefined ? Math.max(RETRY_MS_MIN, jitterMs) : facts.retryAfterMs + jitterMs
}

/** An interval of which up to a tenth is taken off, so that many machines that started together drift apart. */
export function spreadMs(intervalMs: number, chance: () => number): number {
  return Math.round(intervalMs * (1 - 0.1 * chance()))
}
