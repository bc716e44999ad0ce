import type { Clock } from '@tidemark/base'
import type { MachineIdentity, TrackedType } from '@tidemark/model'
import type { Logger } from 'pino'

import type { ChangeColumns, Gap } from '../../collector.ts'
import { rulesFor, type TrackedRule, type Tracking } from '../../config/tracking.ts'
import { chunksOf } from '../../rows/chunks.ts'
import { RowMaker } from '../../rows/row-maker.ts'
import { StreamRows } from '../../rows/stream-rows.ts'
import type { State } from '../../state/state.ts'
import type { LogFiles } from './log-files.ts'
import { OperationLog } from './operation-log.ts'
import { type OperationMemory, parseOperationMemory } from './operation-memory.ts'
import { operationOfFile, operationOfPackage } from './tie.ts'
import type { SourceReader } from './text-source.ts'

export interface OperationTrackingOptions {
  readonly files: Pick<LogFiles, 'isLocked'>
  readonly readers: readonly SourceReader[]
  readonly state: State
  readonly machine: MachineIdentity
  readonly clock: Clock
  readonly log: Logger
  readonly tracking: () => Tracking
  /** Rows are in the outbox. */
  readonly onRows: () => void
}

/** Under this name the state remembers what was told. */
const MEMORY = 'operations'

/**
 * Tells each operation of the machine's package managers once, when it is over, and names the one that made a change. Row and
 * memory are kept in one transaction.
 */
export class OperationTracking {
  readonly #options: OperationTrackingOptions
  #log: OperationLog
  #told = ''

  constructor(options: OperationTrackingOptions) {
    this.#options = options
    this.#log = this.#open(parseOperationMemory(options.state.remembered(MEMORY)))
  }

  /** Looks whether there is something to tell, and tells it. To be called every second or so: mostly it costs nothing. */
  goOn(): void {
    const { state, tracking } = this.#options
    if (rulesOf(tracking()).length === 0) return this.#forget()
    this.#log.refresh()
    if (!state.isFull && this.#log.isStale) this.#keep()
  }

  /** What ties changes of files that are found now to their operations, by the columns of their rows. */
  tieFiles(): (columns: ChangeColumns) => ChangeColumns {
    this.#log.refresh()
    const { recent } = this.#log
    return (columns) => tied(operationOfFile(columns, recent))
  }

  /** The same for changes of packages. */
  tiePackages(): (columns: ChangeColumns) => ChangeColumns {
    this.#log.refresh()
    const { recent } = this.#log
    return (columns) => tied(operationOfPackage(columns, recent))
  }

  #keep(): void {
    const { state, machine, clock, tracking, onRows } = this.#options
    const rules = rulesOf(tracking())
    const told = this.#log.untold()
    const memory = this.#log.after(told)
    const gaps = this.#gaps()
    const text = JSON.stringify(memory)
    if (gaps.length === 0 && text === state.remembered(MEMORY)) return this.#log.remember(memory)
    const origin = { machine, epoch: state.epoch, atMs: clock.nowMs(), type: 'Software' as const, frequencySeconds: 0 }
    const maker = new RowMaker(origin, state.sequence)
    const rows = new StreamRows(rules)
    const all = rules.map((_, index) => index)
    for (const operation of told) rows.add('changeStream', all, () => maker.operation(operation, rows.ruleNames(all)))
    for (const gap of gaps) rows.add('changeStream', all, () => maker.visibility(gap))
    state.apply({
      type: 'Software',
      memory: state.memory('Software'),
      outbox: chunksOf(rows.byStream),
      sequence: maker.sequence,
      texts: { [MEMORY]: text },
    })
    this.#log.remember(memory)
    if (told.length > 0) this.#options.log.info({ operations: told.length }, 'operations of package managers told')
    onRows()
  }

  /** What could not be read, told once as long as it is the same. */
  #gaps(): Gap[] {
    const { troubles } = this.#log
    const told = JSON.stringify(troubles)
    if (told === this.#told || (troubles.length === 0 && this.#told === '')) return []
    this.#told = told
    return troubles.map(({ subject, detail }) => ({ reason: 'source-damaged', subject, detail }))
  }

  /** While nobody asks, nothing is tracked: what happens then is not new when somebody asks again. */
  #forget(): void {
    const { state } = this.#options
    if ((state.remembered(MEMORY) ?? '{}') === '{}') return
    state.remember(MEMORY, '{}')
    this.#log = this.#open({})
  }

  #open(memory: OperationMemory): OperationLog {
    const { files, readers, clock } = this.#options
    return new OperationLog({ files, readers, clock, memory })
  }
}

/** Who asks for operations: whose packages or files they change. */
function rulesOf(tracking: Tracking): TrackedRule[] {
  const types: readonly TrackedType[] = ['Software', 'Files']
  return [...new Set(types.flatMap((type) => rulesFor(tracking, type)))]
}

function tied(id: string | undefined): ChangeColumns {
  return id === undefined ? {} : { OperationId: id }
}
