import type { PathBytes } from '../files/file-name.ts'
import { type Actor, ACTORS_MAX } from '../who/actor.ts'
import type { Touch, TouchKind } from './touch.ts'

/** Touched paths that wait to be told; what comes beyond is told as an overflow of its root. */
export const TOUCHES_MAX = 65_536
/** Touches in one batch. */
export const BATCH_TOUCHES_MAX = 8_192

interface Waiting {
  isFolder: boolean
  readonly kinds: Set<TouchKind>
  readonly firstAtMs: number
  lastAtMs: number
  /** Oldest first. */
  readonly actors: Actor[]
}

/** One event of a tracked path. */
export interface Occurrence {
  readonly path: PathBytes
  readonly isFolder: boolean
  readonly kinds: readonly TouchKind[]
  readonly atMs: number
  readonly actor: Actor
}

/** Coalesces events by path until they are taken. */
export class TouchGatherer {
  readonly #waiting = new Map<PathBytes, Waiting>()

  /** How many paths wait. */
  get size(): number {
    return this.#waiting.size
  }

  /** False where there is no room for one more path: the caller tells an overflow. */
  add(occurrence: Occurrence): boolean {
    const { path, isFolder, kinds, atMs, actor } = occurrence
    const waiting = this.#waiting.get(path)
    if (waiting === undefined) {
      if (this.#waiting.size >= TOUCHES_MAX) return false
      this.#waiting.set(path, { isFolder, kinds: new Set(kinds), firstAtMs: atMs, lastAtMs: atMs, actors: [actor] })
      return true
    }
    waiting.isFolder ||= isFolder
    waiting.lastAtMs = atMs
    for (const kind of kinds) waiting.kinds.add(kind)
    remember(waiting.actors, actor)
    return true
  }

  /** The paths that wait longest, at most `BATCH_TOUCHES_MAX`; they wait no more. */
  take(): Touch[] {
    const touches: Touch[] = []
    for (const [path, { isFolder, kinds, firstAtMs, lastAtMs, actors }] of this.#waiting) {
      if (touches.length === BATCH_TOUCHES_MAX) break
      touches.push({ path, isFolder, kinds: [...kinds], firstAtMs, lastAtMs, actors: actors.toReversed() })
      this.#waiting.delete(path)
    }
    return touches
  }
}

/** The actor becomes the newest; the oldest goes where there are too many. The same process is told once, as it was last. */
function remember(actors: Actor[], actor: Actor): void {
  if (actors.at(-1) === actor) return
  const before = actors.findIndex((each) => each === actor || isSameProcess(each, actor))
  if (before >= 0) actors.splice(before, 1)
  else if (actors.length === ACTORS_MAX) actors.shift()
  actors.push(actor)
}

function isSameProcess(one: Actor, other: Actor): boolean {
  return one.pid === other.pid && one.executable === other.executable && one.commandLine === other.commandLine
}
