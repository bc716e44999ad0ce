import type { Item } from '../../collector.ts'
import { UnitPacer } from './unit-pacer.ts'

/** Units whose state changes are counted; beyond, the one that was quiet longest is forgotten, with what was not told of it. */
export const HEARD_UNITS_MAX = 10_000
/** Times of state changes that are remembered of one unit, the latest ones; of earlier ones only the count. */
export const TIMES_MAX = 1_000
/** So many state changes within so long, and a service flaps: it is told though it is again as it was. */
export const FLAP_CHANGES_MIN = 6
export const FLAP_MS = 60_000
/** How long what was not signalled is taken as it was: after that everything is asked for once more, whatever woke the look. */
export const WHOLE_MS_MAX = 300_000

interface Unit {
  /** State changes since we listen. */
  count: number
  /** When the last of them came, oldest first, milliseconds since 1970. */
  times: number[]
  state: string
}

/** State changes of a unit that are not told yet. */
export interface Untold {
  /** What is kept with the item when they are told. */
  readonly facts: Readonly<Record<'session' | 'told' | 'changes' | 'fromMs', string | number>>
  readonly isFlapping: boolean
}

/**
 * What systemd said of its units. State changes are counted; how many of them were told is kept with the item, in the
 * transaction that keeps the row: what was heard and not told is told with the next row of the unit, so that no one is lost
 * and none told twice.
 */
export class Heard {
  /** Differs each time that somebody begins to listen. */
  readonly session: string
  readonly pacer = new UnitPacer()
  readonly #units = new Map<string, Unit>()
  #touched = new Set<string>()
  #looking = new Set<string>()
  #held: ReadonlySet<string> = new Set()
  #isWoken = false
  #isSeeded = false
  #wholeMs = -Infinity

  constructor(session: string) {
    this.session = session
  }

  /** Takes a unit's state, `ActiveState SubState`. `false` where it is the one that it had. */
  add(unit: string, state: string, at: { readonly nowMs: number; readonly monotonicMs: number }): boolean {
    const known = this.#units.get(unit)
    const before = known?.state ?? (this.#isSeeded ? UNLOADED : state)
    const next = known ?? { count: 0, times: [], state }
    next.state = state
    this.#units.delete(unit)
    this.#units.set(unit, next)
    if (this.#units.size > HEARD_UNITS_MAX) for (const quietest of this.#units.keys()) return this.#forget(quietest)
    if (before === state) return false
    next.count += 1
    next.times.push(at.nowMs)
    if (next.times.length > TIMES_MAX) next.times.shift()
    this.touch(unit, { isSettled: SETTLED.test(state), monotonicMs: at.monotonicMs })
    return true
  }

  #forget(unit: string): false {
    this.#units.delete(unit)
    return false
  }

  /** Whether anything was heard of a unit, or it was loaded when somebody looked. */
  isKnown(unit: string): boolean {
    return this.#units.has(unit)
  }

  /** Something else of a unit differs: it is to be asked for. */
  touch(unit: string, { isSettled, monotonicMs }: { readonly isSettled: boolean; readonly monotonicMs: number }): void {
    this.#touched.add(unit)
    this.pacer.add(unit, { isSettled, nowMs: monotonicMs })
  }

  /** States of the loaded units as they are listed: what changes from now on is a change. */
  seed(states: Iterable<readonly [string, string]>): void {
    for (const [unit, state] of states) {
      if (!this.#units.has(unit)) this.#units.set(unit, { count: 0, times: [], state })
      if (this.#units.size >= HEARD_UNITS_MAX) break
    }
    this.#isSeeded = true
  }

  /** The next look comes because of what was heard: only that is to be asked for. */
  wake(): void {
    this.#isWoken = true
  }

  /** Everything is to be asked for by the next look. */
  forgetWhole(): void {
    this.#wholeMs = -Infinity
  }

  /** A look begins. */
  begin(monotonicMs: number): void {
    for (const unit of this.#touched) this.#looking.add(unit)
    this.#touched = new Set()
    this.pacer.take(monotonicMs)
    // What changes while the look runs is looked at by it, and by the next one.
    this.#held = new Set([...this.#looking].filter((unit) => this.pacer.isWaiting(unit)))
    if (monotonicMs - this.#wholeMs > WHOLE_MS_MAX) this.#isWoken = false
  }

  /** It is over, and has seen what it looked for. */
  end(monotonicMs: number): void {
    if (!this.#isWoken) this.#wholeMs = monotonicMs
    this.#looking = new Set(this.#held)
    this.#held = new Set()
    this.#isWoken = false
  }

  /** Whether nothing was heard of a unit since it was asked for last. */
  isQuiet(unit: string): boolean {
    return this.#isWoken && !this.#looking.has(unit) && !this.#touched.has(unit)
  }

  /** Whether a unit changed so often that it is told later. */
  isHeld(unit: string): boolean {
    return this.#held.has(unit)
  }

  /** State changes since those that were told with what is known of the unit, `undefined` where there are none. */
  untold(unit: string, known: Item['facts'], nowMs: number): Untold | undefined {
    const heard = this.#units.get(unit)
    if (heard === undefined) return undefined
    const told = known?.['session'] === this.session ? Number(known['told'] ?? 0) : 0
    const changes = heard.count - told
    if (changes <= 0) return undefined
    const times = heard.times.slice(-Math.min(changes, heard.times.length))
    const recent = times.filter((atMs) => nowMs - atMs <= FLAP_MS)
    return {
      facts: { session: this.session, told: heard.count, changes, fromMs: times[0] ?? nowMs },
      isFlapping: recent.length >= FLAP_CHANGES_MIN,
    }
  }
}

/** What a unit is that nobody has asked for. */
const UNLOADED = 'inactive dead'
/** States that a unit stays in by itself. */
const SETTLED = /^(?:active|inactive|failed) /
