import { type Clock, isAbort } from '@tidemark/base'
import { agentPlaces, type ChangeTrackingPlaces } from '@tidemark/model'
import type { Logger } from 'pino'

import type { ChangeColumns, Gap } from '../collector.ts'
import { isWatching, type Tracking } from '../config/tracking.ts'
import type { Blind, Overflow, Touch } from '../watch/touch.ts'
import { openWatch, type Watch } from '../watch/watch.ts'
import type { Actor } from '../who/actor.ts'
import { toColumns } from '../who/columns.ts'
import { type PathBytes, pathFromText, shownPath } from './file-name.ts'
import type { FilesLooked, FileTracking } from './file-tracking.ts'
import { trackedSetOf } from './files-keeper.ts'
import { HELD_POLL_MS, HeldTouches } from './held-touches.ts'
import type { TouchedPath } from './scan/scan.ts'
import { TouchPacer } from './touch-pacer.ts'

export interface FileWatchingOptions {
  readonly files: Pick<FileTracking, 'look'>
  readonly root: string
  readonly places: Pick<ChangeTrackingPlaces, 'database' | 'logFolder'>
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
  /** Names of what package managers are in the middle of; nothing where nothing is said. */
  readonly unfinished?: () => ReadonlySet<string>
  /** The kernel's watch where nothing is said. */
  readonly openWatch?: typeof openWatch
}

type Aliases = FilesLooked['aliases']

/**
 * Sees changes of files at once: what the kernel tells is looked at now, and who did it goes into the rows. The scan
 * stays the truth; without the kernel's word everything is found by it, later and without a name.
 */
export class FileWatching implements AsyncDisposable {
  readonly #options: FileWatchingOptions
  readonly #pacer = new TouchPacer()
  readonly #held: HeldTouches
  readonly #blind = new Map<string, string>()
  #watch: Watch | undefined
  #tracking: Tracking | undefined
  #aliases: Aliases = []
  #wake = new AbortController()
  readonly #looking = new Map<PathBytes, Touch>()
  #opening: Promise<void> = Promise.resolve()
  readonly #running: Promise<void>

  constructor(options: FileWatchingOptions) {
    this.#options = options
    this.#held = new HeldTouches(options.unfinished ?? (() => new Set()))
    this.#running = this.#lookAgainAndAgain()
  }

  /** What cannot be seen at once, for the visibility records and the status. */
  get gaps(): Gap[] {
    return [...this.#blind].map(([subject, detail]) => ({ reason: 'watch-unavailable', subject, detail }))
  }

  /** How changes are seen, in one word. */
  get method(): Watch['method'] | 'off' {
    if (this.#tracking === undefined || !isWatching(this.#tracking)) return 'off'
    return this.#watch?.method ?? 'none'
  }

  /** Watches what these rules ask for; resolves when no event is missed any more. */
  async follow(tracking: Tracking): Promise<void> {
    this.#tracking = tracking
    this.#opening = this.#opening.then(async () => await this.#follow(tracking))
    await this.#opening
  }

  /** Watches also what is reached through links, as the last whole scan found it. */
  async followLinks(aliases: Aliases): Promise<void> {
    if (JSON.stringify(aliases) === JSON.stringify(this.#aliases)) return
    this.#aliases = aliases
    if (this.#tracking !== undefined) await this.follow(this.#tracking)
  }

  /** Who changed a path, as far as it was seen; says so where it was not. */
  who(path: PathBytes): ChangeColumns {
    const own = this.#known(path)
    if (own !== undefined) return { ...toColumns(own.actors, own.lastAtMs), DetectedBy: 'watch' }
    const above = this.#knownAbove(path)
    if (above !== undefined) {
      // Whoever moves or deletes a folder does that to all in it; whoever makes one need not have filled it.
      const isFilled = above.kinds.includes('created') && !above.kinds.includes('moved-to')
      const actors = isFilled ? above.actors.map((actor) => asMaker(actor, above.path)) : above.actors
      return { ...toColumns(actors, above.lastAtMs), DetectedBy: 'watch' }
    }
    return { InitiatingProcessCertainty: 'unknown', InitiatingProcessNote: `found by a scan: ${this.#whyNobody()}` }
  }

  #whyNobody(): string {
    const { method } = this
    if (method === 'off') return 'the rules ask for no watch'
    if (method === 'none') return this.#watch?.trouble ?? 'the watch has not begun yet'
    if (this.#blind.size > 0) return `no event was seen (${[...this.#blind.values()][0] ?? ''})`
    return 'no event was seen: it happened while change tracking did not run, or is one of those that the kernel does not tell, as chattr and another hard link are'
  }

  #known(path: PathBytes): Touch | undefined {
    return this.#looking.get(path) ?? this.#pacer.waiting(path) ?? this.#held.waiting(path)
  }

  #knownAbove(path: PathBytes): Touch | undefined {
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
      const above = this.#known(path.slice(0, at))
      if (above !== undefined && isOfContents(above)) return above
    }
    return undefined
  }

  async #follow(tracking: Tracking): Promise<void> {
    const { signal, clock, root, places } = this.#options
    if (signal.aborted) return
    if (!isWatching(tracking)) return await this.#end()
    this.#watch ??= await (this.#options.openWatch ?? openWatch)({
      clock,
      signal,
      onTouches: async (touches) => await this.#touched(touches),
      onOverflow: async (overflow) => await this.#overflowed(overflow),
      onBlind: (blind) => this.#isBlind(blind),
    })
    this.#blind.clear()
    if (this.#watch.trouble !== undefined) this.#blind.set('watch', this.#watch.trouble)
    const { entries, excludes } = trackedSetOf(tracking)
    const aliases = this.#aliases.map(([real, tracked]) => ({ real, tracked }))
    await this.#watch.watch({ entries, excludes, aliases, ignore: ownFolders(root, places) })
  }

  #isBlind({ root, reason }: Blind): void {
    this.#blind.set(shownPath(root), reason)
  }

  async #touched(touches: readonly Touch[]): Promise<void> {
    const nowMs = this.#options.clock.monotonicMs()
    this.#pacer.add(this.#held.sift(touches, nowMs), nowMs)
    this.#wake.abort()
    // A scan that runs meanwhile learns from what waits who made the changes that it finds: so nothing is held back.
    if (this.#pacer.size + this.#held.size > TOUCHES_WAITING_MAX) await this.#lookAtDue()
  }

  async #overflowed({ fromMs, toMs, roots, reason }: Overflow): Promise<void> {
    const gaps = roots.map((root): Gap => {
      const detail = `changes below ${shownPath(root)} were not seen at once: ${reason}; it was looked at as soon as it was known`
      return { reason: 'watch-overflowed', subject: shownPath(root), detail, fromMs, toMs }
    })
    await this.#look(
      roots.map((path) => ({ path, isDeep: true })),
      gaps,
    )
  }

  async #lookAtDue(): Promise<void> {
    const nowMs = this.#options.clock.monotonicMs()
    const isFull = this.#pacer.size + this.#held.size > TOUCHES_WAITING_MAX
    this.#pacer.add(this.#held.release(nowMs, isFull), nowMs)
    const due = this.#pacer.take(nowMs)
    if (due.length === 0) return
    for (const touch of due) this.#looking.set(touch.path, touch)
    await this.#look(due.map((touch) => ({ path: touch.path, isDeep: isOfContents(touch) })))
    for (const touch of due) if (this.#looking.get(touch.path) === touch) this.#looking.delete(touch.path)
  }

  async #look(paths: readonly TouchedPath[], gaps: readonly Gap[] = []): Promise<void> {
    const { files, signal, log } = this.#options
    try {
      await files.look({ kind: 'touched', paths, gaps }, signal)
    } catch (error) {
      if (isAbort(error, signal) || signal.aborted) return
      log.warn({ error, paths: paths.length }, 'what was touched could not be looked at; the next scan finds it')
    }
  }

  /** What is touched often is looked at when its time has come. */
  async #lookAgainAndAgain(): Promise<void> {
    const { clock, signal } = this.#options
    while (!signal.aborted) {
      if (this.#wake.signal.aborted) this.#wake = new AbortController()
      const heldMs = this.#held.size > 0 ? HELD_POLL_MS : IDLE_MS
      const leftMs = Math.min(heldMs, this.#pacer.leftMs(clock.monotonicMs()) ?? IDLE_MS)
      await clock.sleep(leftMs, AbortSignal.any([signal, this.#wake.signal])).catch(() => undefined)
      if (!signal.aborted) await this.#lookAtDue()
    }
  }

  async #end(): Promise<void> {
    const watch = this.#watch
    this.#watch = undefined
    this.#blind.clear()
    await watch?.[Symbol.asyncDispose]()
  }

  /** Ends the watch; what was touched and not looked at is found by the next scan. The signal must have aborted. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opening
    await this.#end()
    await this.#running
  }
}

/** Touched paths that may wait here; beyond that they wait, and coalesce, in the watch's thread. */
const TOUCHES_WAITING_MAX = 65_536
/** How long nothing may be due before it is looked whether something is, in milliseconds. */
const IDLE_MS = 3_600_000

/** Whether what is in a folder came or went with it. */
function isOfContents({ isFolder, kinds }: Touch): boolean {
  return isFolder && kinds.some((kind) => kind !== 'attributes' && kind !== 'content')
}

/** The maker of a folder, told for what was found in it before its own event came. */
function asMaker(actor: Actor, folder: PathBytes): Actor {
  if (actor.certainty === 'unknown') return actor
  const note = `found with its folder ${shownPath(folder)}, which this process made`
  return { ...actor, certainty: 'inferred', note: actor.note === '' ? note : `${note}; ${actor.note}` }
}

/** What the programs write themselves: to look at it for that would never end. */
function ownFolders(root: string, { database, logFolder }: FileWatchingOptions['places']): PathBytes[] {
  const { events, refused, configChunks, log } = agentPlaces(root)
  return [folderOf(database), logFolder, events, refused, configChunks, folderOf(log)].map(pathFromText)
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'))
}
