/** How long after a look at a unit the next one comes, in milliseconds, the more often it changes the later. */
export const UNIT_PACES_MS = [0, 500, 2_000, 10_000, 60_000] as const
/** How long a unit waits for its look after its last change, in milliseconds: starting and stopping are several in a row. */
export const UNIT_SETTLE_MS = 100
/** How long after its first change it is looked at at the latest, in milliseconds, where its pace allows it. */
export const UNIT_SETTLE_MS_MAX = 600
/** Units whose pace is remembered; beyond that all begin anew. */
export const PACED_UNITS_MAX = 10_000

interface Pace {
  step: number
  lookedMs: number
}

interface Waiting {
  readonly firstMs: number
  dueMs: number
}

/**
 * Units that wait to be looked at. What changes once is looked at when it has settled; what changes again and again is
 * looked at more and more seldom, at last once a minute: each look tells one change, with the count of all. What waits is never
 * forgotten.
 */
export class UnitPacer {
  readonly #paces = new Map<string, Pace>()
  readonly #waiting = new Map<string, Waiting>()

  /** Something of a unit changed; `isSettled` where it is now in a state that it stays in by itself. */
  add(unit: string, { isSettled, nowMs }: { readonly isSettled: boolean; readonly nowMs: number }): void {
    const firstMs = this.#waiting.get(unit)?.firstMs ?? nowMs
    const latestMs = firstMs + UNIT_SETTLE_MS_MAX
    const settledMs = isSettled ? Math.min(latestMs, nowMs + UNIT_SETTLE_MS) : latestMs
    const pace = this.#paces.get(unit)
    const allowedMs = pace === undefined ? 0 : pace.lookedMs + (UNIT_PACES_MS[pace.step] ?? 0)
    this.#waiting.set(unit, { firstMs, dueMs: Math.max(settledMs, allowedMs) })
  }

  /** Milliseconds until something is due, `undefined` where nothing waits. */
  leftMs(nowMs: number): number | undefined {
    let first: number | undefined
    for (const { dueMs } of this.#waiting.values()) if (first === undefined || dueMs < first) first = dueMs
    return first === undefined ? undefined : Math.max(0, first - nowMs)
  }

  /** Whether a unit waits and is not to be looked at before it is due. */
  isWaiting(unit: string): boolean {
    return this.#waiting.has(unit)
  }

  /** Takes what is due; it counts as looked at now. */
  take(nowMs: number): void {
    for (const [unit, { dueMs }] of this.#waiting) {
      if (dueMs > nowMs) continue
      this.#waiting.delete(unit)
      this.#looked(unit, nowMs)
    }
  }

  #looked(unit: string, nowMs: number): void {
    const pace = this.#paces.get(unit)
    if (pace === undefined) {
      if (this.#paces.size >= PACED_UNITS_MAX) this.#paces.clear()
      this.#paces.set(unit, { step: 1, lookedMs: nowMs })
      return
    }
    // Quiet for twice its pace: it begins anew.
    const quietMs = 2 * Math.max(UNIT_PACES_MS[1], UNIT_PACES_MS[pace.step] ?? 0)
    pace.step = nowMs - pace.lookedMs > quietMs ? 1 : Math.min(pace.step + 1, UNIT_PACES_MS.length - 1)
    pace.lookedMs = nowMs
  }
}
