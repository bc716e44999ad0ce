import type { AnswerRow } from '../api/answer-row.ts'

/** Several changes told as one. */
export interface ChangeGroup {
  readonly kind: 'operation' | 'flaps'
  /** The same when more of it arrives. */
  readonly key: string
  /** In the order of the table; at least `GROUP_MIN`. */
  readonly rows: readonly AnswerRow[]
}

/** One line of the table: a change by itself, a group, or a change of the group that is open above it. */
export type ChangeLine =
  | { readonly kind: 'change'; readonly row: AnswerRow; readonly isInside: boolean }
  | { readonly kind: 'group'; readonly group: ChangeGroup; readonly isOpen: boolean }

/** Changes that one package operation must have made to be told as one line. */
export const GROUP_MIN = 2
/** Changes of state that a daemon must have made to be told as flapping. */
export const FLAPS_MIN = 3
/** How far apart two changes of state may be to belong to the same flapping, in milliseconds. */
export const FLAP_GAP_MS_MAX = 15 * 60_000

/**
 * The lines of a table: changes of one package operation on one machine are one line, where the first of them would
 * stand; so are repeated changes of the state of one daemon. What is in `open` is followed by its changes.
 */
export function linesOf(rows: readonly AnswerRow[], open: ReadonlySet<string>): ChangeLine[] {
  const groups = groupsOf(rows)
  const told = new Set<ChangeGroup>()
  return rows.flatMap((row): ChangeLine[] => {
    const group = groups.get(row)
    if (group === undefined) return [{ kind: 'change', row, isInside: false }]
    if (told.has(group)) return []
    told.add(group)
    const isOpen = open.has(group.key)
    const inside = isOpen ? group.rows.map((one): ChangeLine => ({ kind: 'change', row: one, isInside: true })) : []
    return [{ kind: 'group', group, isOpen }, ...inside]
  })
}

function groupsOf(rows: readonly AnswerRow[]): Map<AnswerRow, ChangeGroup> {
  const operations = new Map<string, AnswerRow[]>()
  const daemons = new Map<string, AnswerRow[]>()
  for (const row of rows) {
    const operation = textOf(row['OperationId'])
    if (operation !== '') put(operations, `${operation}@${textOf(row['Computer'])}`, row)
    else if (isStateChange(row)) put(daemons, `${textOf(row['SvcName'])}@${textOf(row['Computer'])}`, row)
  }
  const found = new Map<AnswerRow, ChangeGroup>()
  const keep = (group: ChangeGroup): void => {
    for (const row of group.rows) found.set(row, group)
  }
  for (const [key, members] of operations)
    if (members.length >= GROUP_MIN) keep({ kind: 'operation', key, rows: members })
  for (const members of daemons.values())
    for (const run of runsOf(members))
      if (run.length >= FLAPS_MIN) keep({ kind: 'flaps', key: `flaps ${oldestOf(run)}`, rows: run })
  return found
}

function put(groups: Map<string, AnswerRow[]>, key: string, row: AnswerRow): void {
  const members = groups.get(key)
  if (members) members.push(row)
  else groups.set(key, [row])
}

/** What a daemon does that is restarted again and again changes nothing else. */
const STATE: ReadonlySet<string> = new Set(['SvcState', 'SvcRestarts', 'SvcMainProcessId'])

function isStateChange(row: AnswerRow): boolean {
  if (row['ConfigChangeType'] !== 'Daemons' || row['ChangeCategory'] !== 'Modified') return false
  const fields = textOf(row['FieldsChanged'])
    .split(',')
    .map((name) => name.trim())
  return fields.includes('SvcState') && fields.every((name) => STATE.has(name))
}

/** Cuts rows of one daemon where nothing happened for long; each run in the order of the table. */
function runsOf(rows: readonly AnswerRow[]): AnswerRow[][] {
  const runs: AnswerRow[][] = []
  let lastMs = Number.NaN
  for (const row of rows) {
    const atMs = Date.parse(textOf(row['TimeGenerated']))
    const run = runs.at(-1)
    if (run && Math.abs(atMs - lastMs) <= FLAP_GAP_MS_MAX) run.push(row)
    else runs.push([row])
    lastMs = atMs
  }
  return runs
}

/** The id of the oldest row: newer ones may join, it stays. */
function oldestOf(rows: readonly AnswerRow[]): string {
  const times = rows.map((row) => textOf(row['TimeGenerated']))
  const oldest = times.reduce((index, time, other) => (time < (times[index] ?? '') ? other : index), 0)
  return textOf(rows[oldest]?.['RecordId'])
}

/** What tells lines apart. */
export function lineKey(line: ChangeLine): string {
  return line.kind === 'group' ? line.group.key : textOf(line.row['RecordId'])
}

/** How many rows are newer than a moment that was told as ISO 8601 text. */
export function newerThan(rows: readonly AnswerRow[], time: string): number {
  return rows.reduce((count, row) => count + (textOf(row['TimeGenerated']) > time ? 1 : 0), 0)
}

/** The time of the newest row; empty where there is none. */
export function newestTime(rows: readonly AnswerRow[]): string {
  return rows.reduce((newest, row) => {
    const time = textOf(row['TimeGenerated'])
    return time > newest ? time : newest
  }, '')
}

function textOf(value: AnswerRow[string] | undefined): string {
  return value === null || value === undefined ? '' : String(value)
}
