import type { Touch } from '../watch/touch.ts'
import { ACTORS_MAX } from '../who/actor.ts'
import type { PathBytes } from './file-name.ts'

/** How long after a look at a path the next one comes, in milliseconds, the more often it is touched the later. */
export const PACES_MS = [0, 1_000, 5_000, 30_000, 60_000] as const
/**
 * How long what came into being waits for its first look, in milliseconds: by then it is written, whoever wrote it is known,
 * and what was only on its way to another name (`sed -i`, dpkg, editors) has gone there.
 */
export const SETTLE_MS = 200
/** Paths whose pace is remembered; beyond that all begin anew. */
export const PACED_PATHS_MAX = 10_000

interface Pace {
  step: number
  lookedMs: number
}

/**
 * Paths that wait to be looked at. What is touched once is looked at now; what is touched again and again, as a log is,
 * more and more seldom, at last once a minute: each look tells one change. What waits is never forgotten.
 */
export class TouchPacer {
  readonly #paces = new Map<PathBytes, Pace>()
  #waiting = new Map<PathBytes, { readonly touch: Touch; readonly dueMs: number }>()

  /** Paths that wait. */
  get size(): number {
    return this.#waiting.size
  }

  /** Milliseconds until something is due, `undefined` where nothing waits. */
  leftMs(nowMs: number): number | undefined {
    let first: number | undefined
    for (const { dueMs } of this.#waiting.values()) if (first === undefined || dueMs < first) first = dueMs
    return first === undefined ? undefined : Math.max(0, first - nowMs)
  }

  /** What is known of a path that waits. */
  waiting(path: PathBytes): Touch | undefined {
    return this.#waiting.get(path)?.touch
  }

  /** One batch of touches, as they came together. */
  add(touches: readonly Touch[], nowMs: number): void {
    const isMove = touches.some(isMovedAway)
    for (const touch of touches) {
      const waiting = this.#waiting.get(touch.path)
      // Both names must be looked at together to tell that it was moved.
      const dueMs = isMove && isMoved(touch) ? nowMs : (waiting?.dueMs ?? this.#dueMs(touch, nowMs))
      this.#waiting.set(touch.path, { touch: waiting === undefined ? touch : joined(waiting.touch, touch), dueMs })
    }
  }

  /** Takes what is due; it counts as looked at now. */
  take(nowMs: number): Touch[] {
    const due: Touch[] = []
    for (const [path, { touch, dueMs }] of this.#waiting) {
      if (dueMs > nowMs) continue
      due.push(touch)
      this.#waiting.delete(path)
      this.#looked(path, nowMs)
    }
    return due
  }

  #dueMs(touch: Touch, nowMs: number): number {
    const pace = this.#paces.get(touch.path)
    const isNew = touch.kinds.includes('created') && !isMoved(touch)
    const earliestMs = isNew ? nowMs + SETTLE_MS : nowMs
    return pace === undefined ? earliestMs : Math.max(earliestMs, pace.lookedMs + (PACES_MS[pace.step] ?? 0))
  }

  #looked(path: PathBytes, nowMs: number): void {
    const pace = this.#paces.get(path)
    if (pace === undefined) {
      if (this.#paces.size >= PACED_PATHS_MAX) this.#paces.clear()
      this.#paces.set(path, { step: 1, lookedMs: nowMs })
      return
    }
    // Quiet for twice its pace: it begins anew.
    const quietMs = 2 * Math.max(PACES_MS[1], PACES_MS[pace.step] ?? 0)
    pace.step = nowMs - pace.lookedMs > quietMs ? 1 : Math.min(pace.step + 1, PACES_MS.length - 1)
    pace.lookedMs = nowMs
  }
}

function isMoved({ kinds }: Touch): boolean {
  return kinds.includes('moved-from') || kinds.includes('moved-to')
}

/** Whether it had its name for a while: what was just created was on its way to another. */
function isMovedAway({ kinds }: Touch): boolean {
  return kinds.includes('moved-from') && !kinds.includes('created')
}

function joined(one: Touch, other: Touch): Touch {
  return {
    path: one.path,
    isFolder: one.isFolder || other.isFolder,
    kinds: [...new Set([...one.kinds, ...other.kinds])],
    firstAtMs: one.firstAtMs,
    lastAtMs: other.lastAtMs,
    actors: newestFirst([...other.actors, ...one.actors]),
  }
}

/** Each process once. */
function newestFirst(actors: Touch['actors']): Touch['actors'] {
  const seen = new Set<string>()
  return actors
    .filter(({ pid, commandLine }) => {
      const name = `${pid} ${commandLine ?? ''}`
      return !seen.has(name) && seen.add(name)
    })
    .slice(0, ACTORS_MAX)
}
