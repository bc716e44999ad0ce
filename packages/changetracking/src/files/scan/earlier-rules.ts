import { NO_FOLDER, STATUS_BYTES, statusAt } from '@tidemark/linux'
import type { FileEntry } from '@tidemark/model'

import type { PathBytes } from '../file-name.ts'
import type { TrackedPaths } from '../tracked-paths.ts'
import { kindOfMode, modeOfStatus } from './stamp.ts'
import { StepsBehindLinks } from './steps-behind-links.ts'
import type { FoundPath } from './walk.ts'
import { wantedMatches } from './wanted.ts'

/** What rules that were in force before would see of paths as these are now. */
export class EarlierRules {
  readonly #paths: TrackedPaths
  readonly #steps: StepsBehindLinks
  readonly #status = Buffer.alloc(STATUS_BYTES)

  constructor(paths: TrackedPaths) {
    this.#paths = paths
    this.#steps = new StepsBehindLinks(paths)
  }

  /** The entry that would govern a path; `undefined` where nothing would ask for it, or it is not there. */
  governing(path: PathBytes, found?: Pick<FoundPath, 'kind' | 'linkTarget'>): FileEntry | undefined {
    const step = this.#steps.at(path)
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

  #kindOf(path: PathBytes, links: 'seen' | 'followed'): FoundPath['kind'] | undefined {
    if (statusAt(NO_FOLDER, path, links, this.#status) < 0) return undefined
    return kindOfMode(modeOfStatus(this.#status))
  }
}
