import { newUuid } from '@tidemark/base'
import type {
  ChangeRow,
  InventoryRow,
  MachineIdentity,
  OperationRow,
  Row,
  TrackedType,
  VisibilityRow,
} from '@tidemark/model'

import type { ChangeColumns, Gap, ItemColumns } from '../collector.ts'
import type { Operation } from '../packages/operations/operation.ts'
import { operationColumns } from '../packages/operations/operation-columns.ts'

/** What all rows of one look share. */
export interface RowOrigin {
  readonly machine: MachineIdentity
  readonly epoch: string
  /** The moment of the look, milliseconds since 1970. */
  readonly atMs: number
  readonly type: TrackedType
  /** Seconds between two looks, `LastSnapshotAge`. */
  readonly frequencySeconds: number
}

/** Makes rows and numbers them: every row that leaves this machine for a table has the next number of its epoch. */
export class RowMaker {
  readonly #origin: RowOrigin
  #sequence: number

  /** `sequence` is the last number that was given. */
  constructor(origin: RowOrigin, sequence: number) {
    this.#origin = origin
    this.#sequence = sequence
  }

  get sequence(): number {
    return this.#sequence
  }

  change(columns: ChangeColumns, ruleNames: readonly string[]): ChangeRow {
    const { type, frequencySeconds } = this.#origin
    const { ChangeCategory } = columns
    return {
      ...this.#common(),
      DetectedBy: 'scan',
      ...columns,
      ConfigChangeType: type,
      ChangeCategory: ChangeCategory === 'Added' || ChangeCategory === 'Removed' ? ChangeCategory : 'Modified',
      LastSnapshotAge: frequencySeconds,
      RuleNames: JSON.stringify(ruleNames),
    }
  }

  inventory(columns: ItemColumns, ruleNames: readonly string[]): InventoryRow {
    const { type, frequencySeconds } = this.#origin
    const row = { ...this.#common(), ...columns, ConfigDataType: type, LastSnapshotAge: frequencySeconds }
    return { ...row, DetectedBy: 'scan', RuleNames: JSON.stringify(ruleNames) }
  }

  /** A part of a content, which whoever cut it tells. It has no number: no table has it, and a query would see a gap. */
  content(columns: Row): Row {
    return { ...this.#whence(), ...columns }
  }

  /** An operation that is over. */
  operation(operation: Operation, ruleNames: readonly string[]): OperationRow {
    return {
      ...this.#common(),
      ...operationColumns(operation),
      Type: 'TidemarkOperation',
      ConfigChangeType: this.#origin.type,
      OperationId: operation.id,
      Outcome: operation.outcome ?? 'interrupted',
      RuleNames: JSON.stringify(ruleNames),
    }
  }

  visibility(gap: Gap): VisibilityRow {
    return {
      ...this.#common(),
      Type: 'TidemarkVisibility',
      ConfigChangeType: this.#origin.type,
      Reason: gap.reason,
      Subject: gap.subject,
      Detail: gap.detail,
      From: new Date(gap.fromMs ?? this.#origin.atMs).toISOString(),
      ...(gap.toMs === undefined ? {} : { To: new Date(gap.toMs).toISOString() }),
    }
  }

  #common() {
    this.#sequence += 1
    return { ...this.#whence(), Sequence: this.#sequence, RecordId: newUuid() }
  }

  #whence() {
    const { machine, epoch, atMs } = this.#origin
    return {
      TimeGenerated: new Date(atMs).toISOString(),
      Computer: machine.computer,
      SourceComputerId: machine.sourceComputerId,
      VMUUID: machine.vmUuid,
      SourceSystem: 'Linux',
      BaselineEpoch: epoch,
    }
  }
}
