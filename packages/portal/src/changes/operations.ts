import { kqlString } from '@tidemark/model'

import type { AnswerRow } from '../api/answer-row.ts'
import { timeText } from '../view/text.ts'
import { changeWords as words } from '../words/changes.ts'
import { type ChangeGroup, newestTime } from './lines.ts'
import { whoSummary } from './who.ts'

/** What is known of a package operation; what is not known is empty. */
export interface Operation {
  readonly id: string
  /** Who did it: `apt`, `dnf`. */
  readonly source: string
  readonly outcome: string
  readonly commandLine: string
  readonly requestedBy: string
  /** 0 where that is not known. */
  readonly packageCount: number
}

/** The table that operations are recorded in. */
export const OPERATIONS = 'TidemarkOperation'

/** The KQL of what is recorded about operations. */
export function operationQuery(ids: readonly string[]): string {
  const columns = ['OperationId', 'OperationSource', 'Outcome', 'CommandLine', 'RequestedBy', 'PackageCount']
  return [
    OPERATIONS,
    `where OperationId in (${ids.map(kqlString).join(', ')})`,
    `project TimeGenerated, Computer, ${columns.join(', ')}`,
    'summarize arg_max(TimeGenerated, *) by OperationId, Computer',
  ].join('\n| ')
}

/** What tells operations apart: two machines may well do the same. The same as the key of their group. */
export function operationKey(id: string, computer: string): string {
  return `${id}@${computer}`
}

/** The rows of `operationQuery` by their operation and machine. */
export function operationsIn(rows: readonly AnswerRow[]): ReadonlyMap<string, Operation> {
  const text = (row: AnswerRow, name: string): string => String(row[name] ?? '')
  return new Map(
    rows.map((row) => [
      operationKey(text(row, 'OperationId'), text(row, 'Computer')),
      {
        id: text(row, 'OperationId'),
        source: text(row, 'OperationSource'),
        outcome: text(row, 'Outcome'),
        commandLine: text(row, 'CommandLine'),
        requestedBy: text(row, 'RequestedBy'),
        packageCount: Number(row['PackageCount'] ?? 0),
      },
    ]),
  )
}

/** What a group is: the command of an operation, else its packages; the daemon that flaps. */
export function groupTitle(group: ChangeGroup, operations: ReadonlyMap<string, Operation>): string {
  if (group.kind === 'flaps') return String(group.rows[0]?.['SvcName'] ?? '')
  const operation = operations.get(group.key)
  if (operation && operation.commandLine !== '') return operation.commandLine
  const names = packagesOf(group)
  const count = Math.max(names.length, operation?.packageCount ?? 0)
  if (count === 0) return operation?.source || words.operation
  return count > 1 ? `${names[0] ?? ''} +${count - 1}` : (names[0] ?? '')
}

function packagesOf(group: ChangeGroup): string[] {
  const names = group.rows.map((row) => String(row['PackageName'] || row['SoftwareName'] || ''))
  return [...new Set(names)].filter((name) => name !== '')
}

/** How many changes a group has; at least that many where rows behind the last one may belong to it. */
export function groupCount(group: ChangeGroup, mayHaveMore: boolean): string {
  const count = group.rows.length
  const told = group.kind === 'flaps' ? words.stateChanges(transitionsOf(group)) : words.changeCount(count)
  return mayHaveMore ? words.atLeast(told) : told
}

/** A row may itself stand for several transitions. */
function transitionsOf(group: ChangeGroup): number {
  return group.rows.reduce((sum, row) => sum + Math.max(1, Number(row['SvcTransitions'] ?? 1)), 0)
}

/** From the oldest to the newest change of a group. */
export function groupRange({ rows }: ChangeGroup): string {
  const oldest = rows.reduce((time, row) => {
    const one = String(row['TimeGenerated'])
    return time === '' || one < time ? one : time
  }, '')
  return words.between(timeText(oldest), timeText(newestTime(rows)))
}

/** Verdicts with their counts and how it ended; the states that a daemon went through. */
export function groupWhat(group: ChangeGroup, operations: ReadonlyMap<string, Operation>): string {
  if (group.kind === 'flaps') return [...new Set(group.rows.map((row) => String(row['SvcState'] ?? '')))].join(', ')
  const operation = operations.get(group.key)
  const packages = Math.max(packagesOf(group).length, operation?.packageCount ?? 0)
  const verdicts = Map.groupBy(group.rows, (row) => String(row['PackageVerdict'] ?? ''))
  const told = [...verdicts].flatMap(([verdict, rows]) => (verdict === '' ? [] : [`${rows.length} ${verdict}`]))
  return [packages === 0 ? '' : words.packages(packages), operation?.outcome ?? '', ...told]
    .filter((text) => text !== '')
    .join(' · ')
}

/** Who asked for the operation, else whose process made the first of its changes of which that is known. */
export function groupWho(group: ChangeGroup, operations: ReadonlyMap<string, Operation>): string {
  const asked = operations.get(group.key)?.requestedBy ?? ''
  return asked !== '' ? asked : (group.rows.map(whoSummary).find((text) => text !== '') ?? '')
}
