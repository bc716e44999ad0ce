import { Badge } from '@fluentui/react-components'
import { ChevronDown16Regular, ChevronRight16Regular, DocumentText16Regular } from '@fluentui/react-icons'
import type { ReactNode } from 'react'

import type { AnswerRow } from '../api/answer-row.ts'
import { Moment } from '../view/moment.tsx'
import { safeText } from '../view/text.ts'
import type { TableColumn } from '../view/virtual-table.tsx'
import { changeWords as words } from '../words/changes.ts'
import { types } from './change-view.ts'
import type { ChangeLine } from './lines.ts'
import { type Operation, groupCount, groupRange, groupTitle, groupWhat, groupWho } from './operations.ts'
import { changedThing, changeSummary } from './properties.ts'
import { accountText, whoSummary } from './who.ts'

/** A column of the table of changes, with the columns of the store that it is made of: an export has those. */
export interface ChangeColumn extends TableColumn<ChangeLine> {
  readonly from: readonly string[]
}

/** The ids of the columns that are shown until others are chosen. */
export const defaultColumns: readonly string[] = ['time', 'machine', 'type', 'category', 'item', 'what', 'who']

/** What group lines need to know. */
export interface GroupFacts {
  readonly operations: ReadonlyMap<string, Operation>
  /** Whether there are rows behind the last one that is here: the group that it belongs to may have more. */
  readonly isCut: boolean
  readonly lastRow: AnswerRow | undefined
}

/** Every column that can be chosen. */
export function changeColumns(facts: GroupFacts): readonly ChangeColumn[] {
  return [
    {
      ...column('time', ['TimeGenerated'], timeCell),
      width: 'var(--time-width)',
      isMinor: false,
      sort: 'TimeGenerated',
    },
    { ...text('machine', 'Computer'), width: 'minmax(80px, 180px)', sort: 'Computer' },
    {
      ...column('type', ['ConfigChangeType'], (row) => (
        <span className={markOf(row)}>{safeText(row['ConfigChangeType'])}</span>
      )),
      width: '104px',
      sort: 'ConfigChangeType',
    },
    { ...column('category', ['ChangeCategory'], categoryCell), width: '96px', sort: 'ChangeCategory' },
    {
      ...column('item', ['FileSystemPath', 'SoftwareName', 'SvcName'], itemCell, (line) => groupItem(line, facts)),
      width: 'minmax(120px, 3fr)',
      isMinor: false,
      sort: 'FileSystemPath',
    },
    {
      ...column(
        'what',
        ['FieldsChanged', 'Previous', 'Current', 'PreviousFileSystemPath'],
        (row) => <Cut text={changeSummary(row)} />,
        ({ group }) => <Cut text={groupWhat(group, facts.operations)} />,
      ),
      width: 'minmax(100px, 2fr)',
      sort: 'FieldsChanged',
    },
    {
      ...column(
        'who',
        ['InitiatingProcessAccountName', 'InitiatingProcessLoginName', 'InitiatingProcessFolderPath'],
        whoCell,
        ({ group }) => <Cut text={groupWho(group, facts.operations)} />,
      ),
      width: 'minmax(80px, 1.2fr)',
      sort: 'InitiatingProcessAccountName',
    },
    {
      ...column('package', ['PackageName', 'PackageVersion'], (row) => (
        <Cut text={`${String(row['PackageName'] ?? '')} ${String(row['PackageVersion'] ?? '')}`.trim()} />
      )),
      width: 'minmax(120px, 1.2fr)',
      sort: 'PackageName',
    },
    { ...text('verdict', 'PackageVerdict'), width: '150px', sort: 'PackageVerdict' },
    { ...text('found', 'DetectedBy'), width: '90px', sort: 'DetectedBy' },
    { ...text('program', 'InitiatingProcessFolderPath'), sort: 'InitiatingProcessFolderPath' },
    text('rules', 'RuleNames'),
  ]
}

type GroupLine = Extract<ChangeLine, { kind: 'group' }>

function column(
  id: keyof typeof words.column,
  from: readonly string[],
  cell: (row: AnswerRow, isInside: boolean) => ReactNode,
  ofGroup: (line: GroupLine) => ReactNode = ({ group }) => sharedCell(group.rows, cell),
): ChangeColumn {
  return {
    id,
    from,
    title: words.column[id],
    width: 'minmax(80px, 1fr)',
    isMinor: true,
    cell: (line) => (line.kind === 'group' ? ofGroup(line) : cell(line.row, line.isInside)),
  }
}

function text(id: keyof typeof words.column, name: string): ChangeColumn {
  const one = column(
    id,
    [name],
    (row) => <Cut text={String(row[name] ?? '')} />,
    ({ group }) => {
      const values = [...new Set(group.rows.map((row) => String(row[name] ?? '')))]
      return <Cut text={values.length === 1 ? (values[0] ?? '') : ''} />
    },
  )
  return one
}

/** Of a group, the cell of its first row stands for all. */
function sharedCell(rows: readonly AnswerRow[], cell: (row: AnswerRow, isInside: boolean) => ReactNode): ReactNode {
  return rows[0] ? cell(rows[0], false) : null
}

function Cut({ text: whole }: { readonly text: string }): ReactNode {
  const safe = safeText(whole)
  return <span title={safe}>{safe}</span>
}

function categoryCell(row: AnswerRow): ReactNode {
  return (
    <Badge appearance="tint" color={colourOf(row)}>
      {safeText(row['ChangeCategory'])}
    </Badge>
  )
}

function groupItem({ group, isOpen }: GroupLine, { operations, isCut, lastRow }: GroupFacts): ReactNode {
  const mayHaveMore = isCut && lastRow !== undefined && group.rows.includes(lastRow)
  const title = safeText(groupTitle(group, operations))
  const count = groupCount(group, mayHaveMore)
  return (
    <span className="item group" title={safeText(groupRange(group))}>
      {isOpen ? <ChevronDown16Regular /> : <ChevronRight16Regular />}
      <span className={group.rows[0] ? `${markOf(group.rows[0])} narrow-mark` : ''}>
        <strong>{title}</strong> · {count}
      </span>
    </span>
  )
}

/** The item, and a sign where its content is kept. */
function itemCell(row: AnswerRow, isInside: boolean): ReactNode {
  const thing = safeText(changedThing(row))
  const classes = ['item', row['HasContent'] === true ? 'with-content' : '', isInside ? 'inside' : '']
  return (
    <span className={classes.filter((name) => name !== '').join(' ')}>
      <span className={`${markOf(row)} narrow-mark`} title={thing}>
        {thing}
      </span>
      {row['HasContent'] === true ? <DocumentText16Regular title={words.contentKept} /> : null}
    </span>
  )
}

function whoCell(row: AnswerRow): ReactNode {
  const [login, program] = [row['InitiatingProcessLoginName'], row['InitiatingProcessFolderPath']]
  const account = accountText({
    account: String(row['InitiatingProcessAccountName'] ?? ''),
    login: String(login ?? ''),
  })
  const whole = [account, String(program ?? '')].filter((part) => part !== '').join(' · ')
  return (
    <span title={safeText(whole)}>
      {safeText(whoSummary(row))}
      {row['InitiatingProcessCertainty'] === 'inferred' && whole !== '' ? <i> {words.inferred}</i> : null}
    </span>
  )
}

/** Day and time; where the page is narrow the day is left out. */
function timeCell(row: AnswerRow): ReactNode {
  return <Moment time={row['TimeGenerated']} />
}

/** The class that paints the mark of the row's type. */
export function markOf(row: AnswerRow): string {
  return `mark type-${types.find((type) => type === row['ConfigChangeType']) ?? 'other'}`
}

/** What was added is good news at first sight, what went is bad news. */
export function colourOf(row: AnswerRow): 'success' | 'danger' | 'informative' {
  const category = row['ChangeCategory']
  return category === 'Added' ? 'success' : category === 'Removed' ? 'danger' : 'informative'
}
