import type { Clock } from '@tidemark/base'
import { type Awaited, waitFor, type Waker } from '@tidemark/linux'

import type { PathBytes } from '../files/file-name.ts'
import type { ProcessTable } from '../who/process-table.ts'
import { BATCH_TOUCHES_MAX, TOUCHES_MAX, TouchGatherer } from './gatherer.ts'
import type { FromThread, ToThread } from './messages.ts'
import { type Mount, mountsThatDiffer, parseMounts } from './mounts.ts'
import type { Sources } from './open-sources.ts'
import { isWithin } from '../files/path-parts.ts'
import { type Interests, interestsOf, watchAll } from './interests.ts'
import type { Reading, Report } from './source.ts'
import type { Overflow, WatchCounts } from './touch.ts'
import type { WatchedMachine } from './watched-machine.ts'

/** How soon the first touch after a quiet time is told, in milliseconds: its process has mostly done what belongs to it. */
export const FIRST_BATCH_MS = 20
/** Batches come at most this often, in milliseconds. */
export const BATCH_INTERVAL_MS = 100
/** Batches that were told and not yet taken; beyond that, touches wait and coalesce. */
export const BATCHES_WAITING_MAX = 2
/** The longest that a stream of events is left in the kernel's queue, in milliseconds, so that it merges them. */
export const REST_MS_MAX = 20
/** The longest wait, in milliseconds: a thread that is to end without a word does so within it. */
const WAIT_MS_MAX = 1_000
/** Events that make a reading worth its while. */
const DRIBBLE_EVENTS = 256
const SWEEP_MS = 60_000
/** How often it is looked whether a new program is in place, in milliseconds; it may live for less than one. */
const AWAITED_MS = 0.05

/** What the loop runs on. */
export interface WatchLoopLife {
  readonly sources: Sources
  readonly machine: WatchedMachine
  readonly table: ProcessTable
  readonly clock: Clock
  readonly waker: Waker
  readonly receive: () => ToThread | undefined
  readonly post: (message: FromThread) => void
}

/**
 * The watch in its thread: waits for the kernel, gathers what is told, hands it over in batches. `run` returns when it is
 * told to stop; what was gathered and not told is then lost, as are events from then on: the next scan finds them.
 */
export class WatchLoop {
  readonly #life: WatchLoopLife
  readonly #gatherer = new TouchGatherer()
  readonly #counts = { events: 0, kept: 0, dropped: 0, overflows: 0, gone: 0 }
  #interests: Interests | undefined
  #mounts: Mount[]
  readonly #mountinfo: number | undefined
  readonly #lost = new Map<string, { fromMs: number; toMs: number; roots: Set<PathBytes> }>()
  #isStopped = false
  #isStale = false
  #batchesWaiting = 0
  #toldAtMs = -Infinity
  #dueAtMs = Infinity
  #readAtMs = -Infinity
  #restMs = 0
  #goodAtMs: number
  #sweptAtMs = 0

  constructor(life: WatchLoopLife) {
    this.#life = life
    this.#mounts = parseMounts(life.machine.mountinfo())
    this.#mountinfo = life.machine.openMountinfo()
    this.#goodAtMs = life.clock.nowMs()
  }

  run(): void {
    this.#life.machine.comeFirst(true)
    while (!this.#isStopped) this.#turn()
    if (this.#mountinfo !== undefined) this.#life.machine.close(this.#mountinfo)
  }

  #turn(): void {
    const { sources, waker, table } = this.#life
    const ready = waitFor(this.#awaited(), this.#waitMs())
    if (ready.has(waker.descriptor)) this.#hear()
    if (this.#mountinfo !== undefined && ready.has(this.#mountinfo)) this.#compareMounts()
    table.beginTurn()
    const { fanotify } = sources
    if (fanotify !== undefined && ready.has(fanotify.execsDescriptor)) fanotify.readExecs()
    table.retry()
    if (fanotify !== undefined && ready.has(fanotify.changesDescriptor))
      this.#read(fanotify.changesDescriptor, (report) => fanotify.readChanges(report))
    const inotify = this.#inotify()
    if (inotify !== undefined && ready.has(inotify.descriptor)) {
      this.#read(inotify.descriptor, (report) => inotify.read(report))
      this.#tellBlind(inotify.takeBlind())
    }
    if (this.#isStale) this.#watchAnew()
    this.#tell()
    this.#sweep()
  }

  #inotify(): ReturnType<Sources['inotify']> {
    return this.#interests?.usesInotify === true ? this.#life.sources.inotify() : undefined
  }

  #awaited(): Awaited[] {
    const { waker, sources } = this.#life
    const awaited: Awaited[] = [{ descriptor: waker.descriptor, for: 'reading' }]
    if (this.#mountinfo !== undefined) awaited.push({ descriptor: this.#mountinfo, for: 'exception' })
    if (sources.fanotify !== undefined) awaited.push({ descriptor: sources.fanotify.execsDescriptor, for: 'reading' })
    if (this.#restLeftMs() <= 0) {
      const inotify = this.#inotify()
      if (sources.fanotify !== undefined)
        awaited.push({ descriptor: sources.fanotify.changesDescriptor, for: 'reading' })
      if (inotify !== undefined) awaited.push({ descriptor: inotify.descriptor, for: 'reading' })
    }
    return awaited
  }

  #waitMs(): number {
    const nowMs = this.#life.clock.monotonicMs()
    const isDue = this.#batchesWaiting < BATCHES_WAITING_MAX
    const waits = [WAIT_MS_MAX, isDue ? this.#dueAtMs - nowMs : Infinity]
    const restMs = this.#restLeftMs()
    if (restMs > 0) waits.push(restMs)
    if (this.#life.table.isWaiting) waits.push(AWAITED_MS)
    return Math.max(0, Math.min(...waits))
  }

  #restLeftMs(): number {
    return this.#readAtMs + this.#restMs - this.#life.clock.monotonicMs()
  }

  #hear(): void {
    this.#life.waker.clear()
    for (let message = this.#life.receive(); message !== undefined; message = this.#life.receive()) {
      if (message.kind === 'stop') this.#isStopped = true
      else if (message.kind === 'taken') this.#batchesWaiting -= 1
      else {
        this.#interests = interestsOf(message.interests, this.#life.machine)
        this.#watchAnew()
        this.#life.post({ kind: 'watching', id: message.id })
      }
    }
  }

  #watchAnew(): void {
    this.#isStale = false
    if (this.#interests === undefined) return
    // Looking for folders takes long on a large tree, and has time.
    this.#life.machine.comeFirst(false)
    this.#interests = this.#interests.renewed()
    this.#tellBlind(watchAll(this.#interests, this.#life.sources, this.#mounts))
    this.#life.machine.comeFirst(true)
  }

  #tellBlind(blind: ReturnType<typeof watchAll>): void {
    if (blind.length > 0) this.#life.post({ kind: 'blind', blind })
  }

  /** What is mounted hides what was there and shows what nobody has looked at; what is unmounted likewise. */
  #compareMounts(): void {
    const before = this.#mounts
    this.#mounts = parseMounts(this.#life.machine.mountinfo())
    const { added, removed } = mountsThatDiffer(before, this.#mounts)
    if (added.length + removed.length === 0 || this.#interests === undefined) return
    this.#watchAnew()
    const points = [...added, ...removed].map(({ mountPoint }) => mountPoint)
    const roots = this.#interests.rootsAt(points)
    if (roots.length > 0) this.#lose('a filesystem was mounted or unmounted', roots)
  }

  /** Reads once; a stream of single events makes the next reading wait a little, quiet ends that. */
  #read(descriptor: number, read: (report: Report) => Reading): void {
    const nowMs = this.#life.clock.monotonicMs()
    const isStream = nowMs - this.#readAtMs < 2 * REST_MS_MAX
    const { events, gone, isOverflow } = read((occurrence) => this.#gather(occurrence))
    const isDribble = isStream && events < DRIBBLE_EVENTS
    this.#restMs = isDribble ? Math.min(REST_MS_MAX, this.#restMs * 2 + 1) : 0
    this.#readAtMs = nowMs
    this.#counts.events += events
    this.#counts.gone += gone
    if (isOverflow) this.#lose('the kernel’s queue of events was full', this.#interests?.roots ?? [])
    // Only an empty queue was not full since: what is read of one that is not may be from before the loss.
    else if (waitFor([{ descriptor, for: 'reading' }], 0).size === 0) this.#goodAtMs = this.#life.clock.nowMs()
  }

  #gather({ told, isFolder, kinds, actor }: Parameters<Report>[0]): void {
    const atMs = this.#life.clock.nowMs()
    for (const { path, isPassage } of told) {
      this.#counts.kept += 1
      if (isPassage) this.#isStale = true
      if (!this.#gatherer.add({ path, isFolder, kinds, atMs, actor })) this.#drop(path)
    }
    if (this.#dueAtMs === Infinity) this.#due()
  }

  #drop(path: PathBytes): void {
    this.#counts.dropped += 1
    const roots = this.#interests?.roots.filter((root) => isWithin(path, root)) ?? []
    const reason = `more than ${TOUCHES_MAX} paths waited to be looked at`
    this.#lose(reason, roots.length > 0 ? roots : (this.#interests?.roots ?? []))
  }

  #lose(reason: string, roots: readonly PathBytes[]): void {
    const nowMs = this.#life.clock.nowMs()
    const lost = this.#lost.get(reason) ?? { fromMs: this.#goodAtMs, toMs: nowMs, roots: new Set<PathBytes>() }
    this.#lost.set(reason, lost)
    lost.toMs = nowMs
    for (const root of roots) lost.roots.add(root)
    if (this.#dueAtMs === Infinity) this.#due()
  }

  #due(): void {
    this.#dueAtMs = Math.max(this.#life.clock.monotonicMs() + FIRST_BATCH_MS, this.#toldAtMs + BATCH_INTERVAL_MS)
  }

  #tell(): void {
    const nowMs = this.#life.clock.monotonicMs()
    if (nowMs < this.#dueAtMs || this.#batchesWaiting >= BATCHES_WAITING_MAX) return
    const touches = this.#gatherer.take()
    const overflows = [...this.#lost].map(([reason, { fromMs, toMs, roots }]): Overflow => ({
      fromMs,
      toMs,
      roots: [...roots],
      reason,
    }))
    this.#lost.clear()
    this.#counts.overflows += overflows.length
    this.#batchesWaiting += 1
    this.#toldAtMs = nowMs
    this.#dueAtMs = Infinity
    if (this.#gatherer.size > 0) this.#due()
    const counts: WatchCounts = { ...this.#counts, execs: this.#life.sources.fanotify?.execCount ?? 0 }
    this.#life.post({ kind: 'batch', touches, overflows, counts })
    // What filled a whole batch is a flood: the next batch need not wait for its time.
    if (touches.length === BATCH_TOUCHES_MAX) this.#dueAtMs = nowMs
  }

  #sweep(): void {
    const nowMs = this.#life.clock.monotonicMs()
    if (nowMs - this.#sweptAtMs < SWEEP_MS) return
    this.#sweptAtMs = nowMs
    this.#life.table.sweep()
  }
}
