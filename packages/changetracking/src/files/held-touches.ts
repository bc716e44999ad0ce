import type { Touch } from '../watch/touch.ts'
import type { PathBytes } from './file-name.ts'
import { TouchPacer } from './touch-pacer.ts'

/** How long a touch is held at most, in milliseconds; then it is looked at, whatever the package manager does. */
export const HELD_MS_MAX = 30_000
/** How soon it is looked again whether what was waited for is finished, in milliseconds. */
export const HELD_POLL_MS = 100

interface Wave {
  readonly pacer: TouchPacer
  readonly unfinished: ReadonlySet<string>
  readonly deadlineMs: number
}

/**
 * Touches by a package manager that is in the middle of that package: looked at now, a file would be compared with what the
 * database said before. They wait until the database is right again, which is when the package is unpacked.
 */
export class HeldTouches {
  readonly #unfinished: () => ReadonlySet<string>
  #waves: Wave[] = []

  /** `unfinished` names what is in the middle of something, each time by a name of its own. */
  constructor(unfinished: () => ReadonlySet<string>) {
    this.#unfinished = unfinished
  }

  /** Paths that are held. */
  get size(): number {
    return this.#waves.reduce((sum, { pacer }) => sum + pacer.size, 0)
  }

  /** What is known of a path that is held. */
  waiting(path: PathBytes): Touch | undefined {
    for (const { pacer } of this.#waves.toReversed()) {
      const touch = pacer.waiting(path)
      if (touch !== undefined) return touch
    }
    return undefined
  }

  /** Holds what is to be held; gives what is not. */
  sift(touches: readonly Touch[], nowMs: number): readonly Touch[] {
    if (!touches.some(isByPackageManager)) return touches
    const unfinished = this.#unfinished()
    if (unfinished.size === 0) return touches
    const last = this.#waves.at(-1)
    const isSame =
      last !== undefined &&
      unfinished.size === last.unfinished.size &&
      [...unfinished].every((name) => last.unfinished.has(name))
    const wave = isSame ? last : { pacer: new TouchPacer(), unfinished, deadlineMs: nowMs + HELD_MS_MAX }
    if (!isSame) this.#waves.push(wave)
    wave.pacer.add(touches.filter(isByPackageManager), nowMs)
    return touches.filter((touch) => !isByPackageManager(touch))
  }

  /** What needs to be held no more, in the order in which it came. `isAll`: there is no room for more. */
  release(nowMs: number, isAll: boolean): Touch[] {
    if (this.#waves.length === 0) return []
    const unfinished = this.#unfinished()
    const isOver = (wave: Wave): boolean =>
      isAll || nowMs >= wave.deadlineMs || ![...wave.unfinished].some((name) => unfinished.has(name))
    const released = this.#waves.filter(isOver)
    this.#waves = this.#waves.filter((wave) => !isOver(wave))
    return released.flatMap(({ pacer }) => pacer.take(Infinity))
  }
}

/** Whether the program that installs files did it last: what it starts (maintainer scripts) is not meant. */
function isByPackageManager({ actors }: Touch): boolean {
  return /\/(?:dpkg|rpm|dnf|dnf5|dnf-3|yum|microdnf|zypper|packagekitd)$/.test(actors[0]?.executable ?? '')
}
