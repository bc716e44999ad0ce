import type { Clock } from '@tidemark/base'

import { partRuns } from './by-hand.ts'
import type { LogFiles } from './log-files.ts'
import { type OperationMemory, type SourceMemory, withTold } from './operation-memory.ts'
import type { Operation } from './operation.ts'
import { rpmByHand } from './rpm-history.ts'
import type { PlacedOperation, SourceReader, SourceReading } from './text-source.ts'

/** Operations that are known at most, for changes to be tied to; the newest. */
export const RECENT_MAX = 200
/** How long a log may be silent before what stands open in it counts as over, where the kernel tells no locks, in ms. */
const SILENT_MS_MAX = 600_000

/** Something that could not be read or understood. */
export interface OperationTrouble {
  /** The source. */
  readonly subject: string
  readonly detail: string
}

interface SourceState {
  readonly reader: SourceReader
  stamp: string
  reading: SourceReading | undefined
}

/**
 * The operations of this machine's package managers: those that run, those that ended lately, and those that were not told
 * yet. What was there when a source was seen for the first time is known, but not new.
 */
export class OperationLog {
  readonly #files: Pick<LogFiles, 'isLocked'>
  readonly #clock: Clock
  readonly #sources: readonly SourceState[]
  #memory: OperationMemory
  #recent: readonly Operation[] = []
  #isWaiting = false
  #isStale = false
  #troubles: readonly OperationTrouble[] = []

  constructor(options: {
    readonly files: Pick<LogFiles, 'isLocked'>
    readonly readers: readonly SourceReader[]
    readonly clock: Clock
    readonly memory: OperationMemory
  }) {
    this.#files = options.files
    this.#clock = options.clock
    this.#memory = options.memory
    this.#sources = options.readers.map((reader) => ({ reader, stamp: '', reading: undefined }))
  }

  /** Oldest first, those of one source together; those that run have no outcome. */
  get recent(): readonly Operation[] {
    return this.#recent
  }

  /** Whether something was read since the last `remember`. */
  get isStale(): boolean {
    return this.#isStale
  }

  /** What could not be read or understood the last time. */
  get troubles(): readonly OperationTrouble[] {
    return this.#troubles
  }

  /** Reads what is new. Costs a few `stat` where nothing is, and no operation runs. False where nothing was read. */
  refresh(): boolean {
    const isStale = this.#sources.some((each) => stampOf(each.reader) !== each.stamp)
    if (!isStale && !this.#isWaiting) return false
    const troubles: OperationTrouble[] = []
    for (const each of this.#sources) each.reading = this.#read(each, troubles)
    this.#troubles = troubles
    this.#isStale = true
    const all = this.#operations().map(({ operation }) => operation)
    this.#isWaiting = all.some(({ outcome }) => outcome === undefined)
    this.#recent = all.slice(-RECENT_MAX)
    return true
  }

  /** Operations that are over and were not told; oldest first within a source. */
  untold(): Operation[] {
    return this.#operations()
      .filter((placed) => placed.operation.outcome !== undefined && this.#isNew(placed))
      .map(({ operation }) => operation)
  }

  /** What is to be remembered once these are told. */
  after(told: readonly Operation[]): OperationMemory {
    const next: Record<string, SourceMemory> = { ...this.#memory }
    const waiting = this.#waiting()
    const operations = this.#operations()
    for (const { reader, reading } of this.#sources) {
      if (reading === undefined) continue
      const before = this.#memory[reader.source]
      const cursor = reading.cursorBefore(waiting)
      // A log that is not there yet may have been rotated away: what is in that was before.
      const newestMs = cursor === undefined ? this.#clock.nowMs() : 0
      let memory: SourceMemory = { told: [], newestMs, ...before, ...(cursor === undefined ? {} : { cursor }) }
      const ended = before === undefined ? operations.map(({ operation }) => operation) : told
      for (const { source, outcome, id, startMs } of ended)
        if (source === reader.source && outcome !== undefined) memory = withTold(memory, id, startMs)
      next[reader.source] = memory
    }
    return next
  }

  /** To be called when the state has it. */
  remember(memory: OperationMemory): void {
    this.#memory = memory
    this.#isStale = false
  }

  /** Runs of dpkg wait with the operation of apt that they may belong to. */
  #waiting(): Set<string> {
    const open = this.#recent.filter(({ outcome }) => outcome === undefined)
    const waiting = new Set(open.map(({ id }) => id))
    const apt = open.find(({ source }) => source === 'apt')?.startMs
    if (apt === undefined) return waiting
    for (const { operation } of this.#readingOf('dpkg'))
      if (operation.startMs !== undefined && operation.startMs >= apt) waiting.add(operation.id)
    return waiting
  }

  #isNew({ operation, isBehind }: PlacedOperation): boolean {
    const memory = this.#memory[operation.source]
    if (memory === undefined || memory.told.includes(operation.id)) return false
    return isBehind ?? (operation.startMs === undefined || operation.startMs > memory.newestMs)
  }

  #operations(): PlacedOperation[] {
    const runs = this.#readingOf('dpkg')
    const apt = this.#readingOf('apt')
    const parted = partRuns(
      runs.map(({ operation }) => operation),
      apt.map(({ operation }) => operation),
    )
    const placed = (operations: readonly Operation[], from: readonly PlacedOperation[]): PlacedOperation[] => {
      const places = new Map(from.map((each) => [each.operation.id, each.isBehind]))
      return operations.map((operation) => ({ operation, isBehind: places.get(operation.id) }))
    }
    const [rpm, dnf, pacman] = [this.#readingOf('rpm'), this.#readingOf('dnf'), this.#readingOf('pacman')]
    const rpmOnly = rpmByHand(
      rpm.map(({ operation }) => operation),
      dnf.map(({ operation }) => operation),
    )
    return [...placed(parted.apt, apt), ...placed(parted.byHand, runs), ...placed(rpmOnly, rpm), ...dnf, ...pacman]
  }

  #readingOf(source: string): readonly PlacedOperation[] {
    return this.#sources.find(({ reader }) => reader.source === source)?.reading?.operations ?? []
  }

  #read(each: SourceState, troubles: OperationTrouble[]): SourceReading | undefined {
    const { reader } = each
    const tell = (detail: string): void => void troubles.push({ subject: `operations of ${reader.source}`, detail })
    const memory = this.#memory[reader.source]
    try {
      const isOver = this.#isOver(reader)
      each.stamp = stampOf(reader)
      let reading = reader.read({ memory, isOver })
      // Somebody may have begun, and even ended, between two of these looks: then the last operation is not known to be over.
      if (isOver && (!this.#isOver(reader) || stampOf(reader) !== each.stamp))
        reading = reader.read({ memory, isOver: false })
      for (const { line, message } of reading.problems) tell(`line ${line} of what is new: ${message}`)
      if (reading.skippedBytes > 0)
        tell(`${reading.skippedBytes} bytes were passed over: more was written at once than is read`)
      return reading
    } catch (error) {
      tell(`it cannot be read: ${error instanceof Error ? error.message : String(error)}`)
      return undefined
    }
  }

  #isOver(reader: SourceReader): boolean {
    const isLocked = this.#files.isLocked(reader.locks)
    if (isLocked !== undefined) return !isLocked
    return this.#clock.nowMs() - (reader.status()?.modifiedMs ?? 0) > SILENT_MS_MAX
  }
}

function stampOf(reader: SourceReader): string {
  const status = reader.status()
  return status === undefined ? 'none' : `${status.inode} ${status.sizeBytes} ${status.modifiedMs}`
}
