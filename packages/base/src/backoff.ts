/** Exponential backoff with full jitter in its upper half. */
export interface BackoffSettings {
  readonly firstMs: number
  readonly delayMsMax: number
}

/**
 * The wait before attempt `attempt + 1` (the first attempt is 0): it doubles from `firstMs` up to `delayMsMax`, and a
 * random part of up to one half is taken off, so that many senders that failed together do not come back together.
 * `chance` returns a number in [0, 1).
 */
export function backoffMs(attempt: number, settings: BackoffSettings, chance: () => number): number {
  const full = Math.min(settings.delayMsMax, settings.firstMs * 2 ** Math.min(attempt, 40))
  return Math.round(full - (full / 2) * chance())
}
