import { linkTargetAt, NO_FOLDER, STATUS_BYTES, statusAt } from '@tidemark/linux'
import type { FileEntry } from '@tidemark/model'

import type { PathBytes } from '../file-name.ts'
import type { Step, TrackedPaths } from '../tracked-paths.ts'
import { LinkedFolders } from './linked-folders.ts'
import { identityOfStatus, kindOfMode, modeOfStatus } from './stamp.ts'
import type { FoundPath } from './walk.ts'
import { wantedMatches } from './wanted.ts'

/** Folders that are remembered with what was asked for in them. */
const FOLDERS_MAX = 1_000

/** What rules that were in force before would see of paths as these are now. */
export class EarlierRules {
  readonly #paths: TrackedPaths
  readonly #links: LinkedFolders
  readonly #linkSteps = new Map<PathBytes, Step | undefined>()
  readonly #folders = new Map<PathBytes, Step | undefined>()
  readonly #status = Buffer.alloc(STATUS_BYTES)

  constructor(paths: TrackedPaths) {
    this.#paths = paths
    this.#links = new LinkedFolders(paths)
  }

  /** The entry that would govern a path; `undefined` where nothing would ask for it, or it is not there. */
  governing(path: PathBytes, found?: Pick<FoundPath, 'kind' | 'linkTarget'>): FileEntry | undefined {
    const step = this.#stepAt(path)
    if (step === undefined || step.matches.length === 0) return undefined
    const { entries } = this.#paths
    const kind = found?.linkTarget === undefined && found !== undefined ? found.kind : this.#kindOf(path, 'seen')
    if (kind === undefined) return undefined
    if (kind !== 'link') return entries[wantedMatches(entries, step.matches, { kind, isLink: false })[0] ?? -1]
    const target = this.#kindOf(path, 'followed')
    const asLink = wantedMatches(entries, step.matches, { kind, isLink: true, isDangling: target === undefined })
    const asTarget = target === undefined ? [] : wantedMatches(entries, step.matches, { kind: target, isLink: true })
    return entries[Math.min(asLink[0] ?? entries.length, asTarget[0] ?? entries.length)]
  }

  #stepAt(path: PathBytes): Step | undefined {
    if (path === '/') return this.#paths.root
    const end = path.lastIndexOf('/')
    const folder = this.#inside(path.slice(0, end) || '/')
    return folder && this.#paths.step(folder, path.slice(end + 1))
  }

  /** The step for what is in a folder; links on the way to it are followed by whoever follows them. */
  #inside(folder: PathBytes): Step | undefined {
    if (this.#folders.has(folder)) return this.#folders.get(folder)
    if (this.#folders.size >= FOLDERS_MAX) this.#folders.clear()
    const step = this.#stepAt(folder)
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

  #kindOf(path: PathBytes, links: 'seen' | 'followed'): FoundPath['kind'] | undefined {
    if (statusAt(NO_FOLDER, path, links, this.#status) < 0) return undefined
    return kindOfMode(modeOfStatus(this.#status))
  }
}
