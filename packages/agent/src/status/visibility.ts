import { type MachineIdentity, parseStreamId, streamId, type VisibilityRow } from '@tidemark/model'

import type { Tally } from '../sink/cursor.ts'

/** What the agent itself could not keep, as a record among the changes. */
export interface Trouble {
  readonly reason: 'records-dropped' | 'upload-refused'
  /** The stream's id. */
  readonly subject: string
  readonly detail: string
  readonly fromMs?: number | undefined
  readonly toMs?: number | undefined
}

/** The visibility record of a trouble. It has no sequence: that is counted by whoever looks at the machine. */
export function visibilityRow(machine: MachineIdentity, trouble: Trouble, nowMs: number): VisibilityRow {
  const { reason, subject, detail, fromMs, toMs } = trouble
  return {
    Type: 'TidemarkVisibility',
    TimeGenerated: iso(nowMs),
    Computer: machine.computer,
    SourceComputerId: machine.sourceComputerId,
    VMUUID: machine.vmUuid,
    SourceSystem: 'Linux',
    ConfigChangeType: 'Agent',
    Reason: reason,
    Subject: subject,
    Detail: detail,
    ...(fromMs === undefined ? {} : { From: iso(fromMs) }),
    ...(toMs === undefined ? {} : { To: iso(toMs) }),
  }
}

/** What became of the rows in a tally. */
export function droppedTrouble(stream: string, tally: Tally): Trouble {
  const what = parseStreamId(stream)?.dataType === 'CONFIG_DATA_BLOB_V2' ? 'inventory' : 'changes'
  const rows =
    tally.rows === 0
      ? ''
      : `${tally.rows} rows of ${what} (${tally.bytes} bytes) were dropped: the sink had no room for more; free disk space or raise sink.bytesMax`
  const damaged =
    tally.damagedBytes === 0
      ? ''
      : `${tally.damagedBytes} bytes of ${what} could not be read back from the disk; they are set aside as .damaged in the sink`
  const detail = [rows, damaged].filter(Boolean).join('; ')
  return { reason: 'records-dropped', subject: stream, detail, fromMs: tally.fromMs, toMs: tally.toMs }
}

/** The stream of changes of the same rule, on which records of visibility travel. */
export function changesBeside(stream: string): string | undefined {
  const parts = parseStreamId(stream)
  return parts && streamId({ ...parts, dataType: 'CONFIG_CHANGE_BLOB_V2' })
}

function iso(momentMs: number): string {
  return new Date(momentMs).toISOString()
}
