import type { Clock } from '@tidemark/base'

import { shownPath } from '../files/file-name.ts'
import { type Actor, unknownActor } from './actor.ts'
import {
  asActor,
  asStarted,
  awaitedImage,
  type Image,
  isLoader,
  namelessProcess,
  type Process,
  readProcess,
} from './process.ts'
import type { ProcessReader } from './process-reader.ts'
import { parseStat } from './process-text.ts'

/** Processes that are remembered; those longest not heard of go first. */
export const PROCESSES_MAX = 8_192
/** How long a process that nothing is heard of is remembered, in milliseconds. */
export const PROCESS_AGE_MS_MAX = 3_600_000
/** Starts of programs that are read in full, in one second; beyond that account, login and unit are the parent's. */
export const FULL_READS_PER_SECOND_MAX = 500
/** How long a new program may take to be in place, in milliseconds; then the process is told as it was read last. */
const AWAITED_MS_MAX = 50
/** How old the count of forks may be that a process is remembered with, in milliseconds. */
const FORKS_MS_MAX = 250

/** Of a process whose new program is not in place yet. */
const nothingYet: Image = { executable: undefined, commandLine: '' }

/** What an event says of its process: a pidfd, or that the process has ended, or neither. */
export type Evidence = { readonly kind: 'pidfd'; readonly pidfd: number } | { readonly kind: 'gone' | 'none' }

interface Entry {
  process: Process
  /** Forks of the machine when it was last known to be this process; fewer are possible, more are not. */
  forks: number
  heardAtMs: number
  /** Turn in which it was last proven. */
  turn: number
  /** Programs that an exec event promised, until one of them is in place. */
  awaited: readonly string[]
  awaitedUntilMs: number
  /** The program that the same process ran before. */
  before: string | undefined
  actor: Actor | undefined
}

/**
 * Who is behind a process number, also when the process has ended: each program that is started is read at once and
 * remembered. A number is never taken for a process whose number it may no longer be: a pidfd, or the count of all
 * processes that were started since, proves that it was not given to another.
 */
export class ProcessTable {
  readonly #reader: ProcessReader
  readonly #clock: Clock
  readonly #entries = new Map<number, Entry>()
  readonly #pending = new Set<number>()
  readonly #pidMax: number
  #turn = 0
  #forks = { count: 0, atMs: -Infinity }
  #budget = { second: 0, left: FULL_READS_PER_SECOND_MAX }

  constructor(reader: ProcessReader, clock: Clock) {
    this.#reader = reader
    this.#clock = clock
    this.#pidMax = reader.pidMax()
  }

  get size(): number {
    return this.#entries.size
  }

  /** Whether programs are being put in place: `retry` soon. */
  get isWaiting(): boolean {
    return this.#pending.size > 0
  }

  /** Reads what runs already. */
  prime(): void {
    this.beginTurn()
    for (const pid of this.#reader.pids().slice(0, PROCESSES_MAX / 2)) this.#remembered(pid)
  }

  /** Once before each batch of events: what was proven in an earlier turn is proven again. */
  beginTurn(): void {
    this.#turn += 1
    if (this.#clock.monotonicMs() - this.#forks.atMs > FORKS_MS_MAX) this.#countForks()
  }

  /**
   * A process starts a program: `files` are what the kernel opened for that, in its order (script, interpreter, loader).
   * They may come in several parts.
   */
  started(pid: number, files: readonly string[]): void {
    const awaited = files.map(shownPath)
    const known = this.#entries.get(pid)
    if (known !== undefined && this.#pending.has(pid)) {
      known.awaited = [...known.awaited, ...awaited]
      return this.#readAgain(known)
    }
    // What goes first with a short-lived process is its command line.
    const image = awaitedImage(this.#reader, pid, awaited)
    const read = this.#read(pid, 'brief', image ?? nothingYet)
    const isSame = known !== undefined && (read ? sameStart(known.process, read) : this.#isUnused(known.forks))
    // The loader alone is the rest of what was read already.
    if (isSame && awaited.every(isLoader)) return
    const before = isSame ? (known.process.image.commandLine ?? known.process.image.executable) : undefined
    const isOver = read === undefined || (read.stat.isZombie && image === undefined)
    const process = read ?? (isSame ? known.process : namelessProcess(pid))
    const entry = this.#keep(pid, isOver ? asStarted(process, awaited) : process, { awaited, before })
    if (isOver) return
    if (isInPlace(entry)) this.#complete(entry)
    else this.#pending.add(pid)
  }

  /** Reads those again whose program was not in place yet. */
  retry(): void {
    for (const pid of this.#pending) {
      const entry = this.#entries.get(pid)
      if (entry === undefined) this.#pending.delete(pid)
      else this.#readAgain(entry)
    }
  }

  /** Who made an event. */
  whoIs(pid: number, evidence: Evidence): Actor {
    if (pid <= 0)
      return unknownActor(0, 'the process is outside the process namespace that this machine’s watch runs in')
    const entry = this.#entries.get(pid)
    if (entry !== undefined && entry.turn === this.#turn) return this.#actorOf(entry)
    const proven = evidence.kind === 'gone' ? this.#ended(entry) : this.#running(pid, entry, evidence)
    if (proven !== undefined) return this.#actorOf(proven)
    const why =
      entry === undefined
        ? 'it had ended before it could be read, and it had started no program that was seen'
        : 'it had ended, and its number may have been given to another process since'
    return unknownActor(pid, `process ${pid} is not known: ${why}`)
  }

  /** Forgets what nothing was heard of for long. */
  sweep(): void {
    const oldestMs = this.#clock.monotonicMs() - PROCESS_AGE_MS_MAX
    for (const [pid, entry] of this.#entries) if (entry.heardAtMs < oldestMs) this.#entries.delete(pid)
  }

  #running(pid: number, entry: Entry | undefined, evidence: Evidence): Entry | undefined {
    const startTicks = this.#startTicks(pid)
    if (startTicks === undefined) return this.#ended(entry)
    // Only what still runs after its start was read has surely that start; else the count of forks must prove it.
    const isProven = evidence.kind === 'pidfd' && !this.#reader.hasEnded(evidence.pidfd)
    if (!isProven && !this.#isUnused(this.#forks.count)) return undefined
    if (entry?.process.stat.startTicks === startTicks) return this.#refreshed(entry)
    const read = this.#read(pid, 'full')
    if (read?.stat.startTicks !== startTicks) return undefined
    return this.#keep(pid, read, { awaited: [], before: undefined })
  }

  #ended(entry: Entry | undefined): Entry | undefined {
    if (entry === undefined || !this.#isUnused(entry.forks)) return undefined
    entry.turn = this.#turn
    return entry
  }

  #refreshed(entry: Entry): Entry {
    entry.forks = this.#forks.count
    entry.heardAtMs = this.#clock.monotonicMs()
    entry.turn = this.#turn
    if (this.#pending.has(entry.process.pid)) this.#readAgain(entry)
    return entry
  }

  /** Whether no number can have been given out twice since the machine had made so many processes: they go in a circle. */
  #isUnused(sinceForks: number): boolean {
    this.#countForks()
    // Numbers in use are skipped, and the circle begins again at 300: half of it leaves room for both.
    return this.#forks.count - sinceForks < this.#pidMax / 2
  }

  #countForks(): void {
    const count = this.#reader.forks()
    // A machine that does not tell proves nothing: each count is far from the one before.
    this.#forks = { count: count ?? this.#forks.count + this.#pidMax, atMs: this.#clock.monotonicMs() }
  }

  #readAgain(entry: Entry): void {
    const { process, awaited } = entry
    const isLate = this.#clock.monotonicMs() > entry.awaitedUntilMs
    const image = awaitedImage(this.#reader, process.pid, awaited)
    if (image !== undefined) {
      entry.process = { ...process, image }
      entry.actor = undefined
      if (isLate || isInPlace(entry)) this.#complete(entry)
    } else if (isLate) this.#complete(entry)
    else if (this.#reader.executable(process.pid) === undefined) {
      entry.process = asStarted(process, awaited)
      entry.actor = undefined
      this.#pending.delete(process.pid)
    }
  }

  /** Reads the rest of a process whose program is in place; also what has just ended still has it. */
  #complete(entry: Entry): void {
    const { pid, image } = entry.process
    this.#pending.delete(pid)
    entry.actor = undefined
    if (!this.#isAffordable()) return
    const read = this.#read(pid, 'full', image === nothingYet ? undefined : image)
    if (read !== undefined && sameStart(read, entry.process)) entry.process = read
    else if (image === nothingYet) entry.process = asStarted(entry.process, entry.awaited)
  }

  #read(pid: number, depth: 'full' | 'brief', image?: Image): Process | undefined {
    return readProcess(this.#reader, pid, {
      depth,
      image,
      parent: (parentPid, child) => {
        const parent = this.#remembered(parentPid)
        return parent !== undefined && parent.stat.startTicks <= child.startTicks ? parent : undefined
      },
    })
  }

  /** A process that runs: as it is remembered where that is proven, else read. */
  #remembered(pid: number): Process | undefined {
    const entry = this.#entries.get(pid)
    // Just now it has a child. Counted at most a moment ago, forks need more room to prove that it is the one remembered.
    const isSame = (known: Entry): boolean =>
      this.#forks.count - known.forks < this.#pidMax / 4 || this.#startTicks(pid) === known.process.stat.startTicks
    if (entry !== undefined && (entry.turn === this.#turn || isSame(entry))) {
      entry.turn = this.#turn
      entry.forks = this.#forks.count
      entry.heardAtMs = this.#clock.monotonicMs()
      return entry.process
    }
    const read = this.#read(pid, 'full')
    return read === undefined ? undefined : this.#keep(pid, read, { awaited: [], before: undefined }).process
  }

  #keep(pid: number, process: Process, more: Pick<Entry, 'awaited' | 'before'>): Entry {
    const heardAtMs = this.#clock.monotonicMs()
    const entry: Entry = {
      ...more,
      process,
      forks: this.#forks.count,
      heardAtMs,
      turn: this.#turn,
      awaitedUntilMs: heardAtMs + AWAITED_MS_MAX,
      actor: undefined,
    }
    // Set anew, so that the order of the map is that of hearing.
    this.#entries.delete(pid)
    this.#entries.set(pid, entry)
    if (this.#entries.size > PROCESSES_MAX) {
      const oldest = this.#entries.keys().next().value
      if (oldest !== undefined) this.#entries.delete(oldest)
    }
    return entry
  }

  #actorOf(entry: Entry): Actor {
    const notes = entry.before === undefined ? [] : [`the same process ran before: ${entry.before}`]
    // Its own program is not in place yet, or was not seen in time.
    if (this.#pending.has(entry.process.pid))
      return asActor(this.#reader, asStarted(entry.process, entry.awaited), notes)
    entry.actor ??= asActor(this.#reader, entry.process, notes)
    return entry.actor
  }

  #startTicks(pid: number): number | undefined {
    return parseStat(this.#reader.read(pid, 'stat') ?? '')?.startTicks
  }

  #isAffordable(): boolean {
    const second = Math.floor(this.#clock.monotonicMs() / 1_000)
    if (second !== this.#budget.second) this.#budget = { second, left: FULL_READS_PER_SECOND_MAX }
    this.#budget.left -= 1
    return this.#budget.left >= 0
  }
}

function sameStart(one: Process, other: Process): boolean {
  return one.stat.startTicks === other.stat.startTicks
}

/** The kernel tells of a program before the process has become it: until then the process is what it was. */
function isInPlace({ process, awaited, before }: Entry): boolean {
  const { image, tree } = process
  if (image.executable === undefined || !awaited.includes(image.executable)) return false
  const isForkOfParent = tree[0]?.executable === image.executable && tree[0].commandLine === image.commandLine
  return !isForkOfParent && image.commandLine !== before
}
