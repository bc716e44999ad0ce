import { linkTargetAt, NO_FOLDER, STATUS_BYTES, statusAt } from '@tidemark/linux'

import type { PathBytes } from '../file-name.ts'
import type { Step, TrackedPaths } from '../tracked-paths.ts'
import { LinkedFolders } from './linked-folders.ts'
import { identityOfStatus } from './stamp.ts'

/** Folders that are remembered with what is asked for in them. */
const FOLDERS_MAX = 1_000

/** What is asked for at single paths, where links on the way are gone through by those entries alone that follow them. */
export class StepsBehindLinks {
  readonly #paths: TrackedPaths
  readonly #links: LinkedFolders
  readonly #linkSteps = new Map<PathBytes, Step | undefined>()
  readonly #folders = new Map<PathBytes, Step | undefined>()
  readonly #status = Buffer.alloc(STATUS_BYTES)

  constructor(paths: TrackedPaths) {
    this.#paths = paths
    this.#links = new LinkedFolders(paths)
  }

  /** `undefined` where a folder on the way is a link that nobody goes through, or leads to what is walked anyway. */
  at(path: PathBytes): Step | undefined {
    if (path === '/') return this.#paths.root
    const end = path.lastIndexOf('/')
    const folder = this.#inside(path.slice(0, end) || '/')
    return folder && this.#paths.step(folder, path.slice(end + 1))
  }

  /** The step for what is in a folder. */
  #inside(folder: PathBytes): Step | undefined {
    if (this.#folders.has(folder)) return this.#folders.get(folder)
    if (this.#folders.size >= FOLDERS_MAX) this.#folders.clear()
    const step = this.at(folder)
    const inner = step && typeof linkTargetAt(NO_FOLDER, folder) === 'string' ? this.#behind(folder, step) : step
    this.#folders.set(folder, inner)
    return inner
  }

  #behind(folder: PathBytes, step: Step): Step | undefined {
    if (this.#linkSteps.has(folder)) return this.#linkSteps.get(folder)
    const { entries } = this.#paths
    const followed = this.#paths.only(
      step,
      (entry) => entries[entry]?.links === 'Follow' || this.#links.isWayTo(entry, folder),
    )
    const isThere = statusAt(NO_FOLDER, folder, 'followed', this.#status) === 0
    const identity = identityOfStatus(this.#status)
    const inner = isThere ? this.#links.enter(folder, { step: followed, identity }) : undefined
    this.#linkSteps.set(folder, inner)
    return inner
  }
}
