import { Badge } from '@fluentui/react-components'
import { DocumentText16Regular } from '@fluentui/react-icons'
import type { ReactNode } from 'react'

import type { AnswerRow } from '../api/client.ts'
import { safeText, timeText } from '../view/text.ts'
import type { TableColumn } from '../view/virtual-table.tsx'
import { types } from './change-view.ts'
import { changedThing, changeSummary } from './properties.ts'
import { accountText, whoSummary } from './who.ts'

/** The columns of the table of changes. */
export const columns: readonly TableColumn<AnswerRow>[] = [
  { title: 'Time', width: 'var(--time-width)', cell: timeCell },
  {
    title: 'Machine',
    width: 'minmax(80px, 180px)',
    cell: (row) => <span title={safeText(row['Computer'])}>{safeText(row['Computer'])}</span>,
    isMinor: true,
  },
  {
    title: 'Type',
    width: '90px',
    cell: (row) => <span className={markOf(row)}>{safeText(row['ConfigChangeType'])}</span>,
    isMinor: true,
  },
  {
    title: 'Category',
    width: '90px',
    cell: (row) => (
      <Badge appearance="tint" color={colourOf(row)}>
        {safeText(row['ChangeCategory'])}
      </Badge>
    ),
    isMinor: true,
  },
  {
    title: 'Item',
    width: 'minmax(120px, 3fr)',
    cell: itemCell,
  },
  {
    title: 'What changed',
    width: 'minmax(100px, 2fr)',
    cell: (row) => <span title={safeText(changeSummary(row))}>{safeText(changeSummary(row))}</span>,
    isMinor: true,
  },
  { title: 'Who', width: 'minmax(80px, 1.2fr)', cell: whoCell, isMinor: true },
]

/** The item, and a sign where its content is kept. */
function itemCell(row: AnswerRow): ReactNode {
  const thing = safeText(changedThing(row))
  return (
    <span className={row['HasContent'] === true ? 'item with-content' : 'item'}>
      <span className={`${markOf(row)} narrow-mark`} title={thing}>
        {thing}
      </span>
      {row['HasContent'] === true ? <DocumentText16Regular title="Its content is kept" /> : null}
    </span>
  )
}

function whoCell(row: AnswerRow): ReactNode {
  const [login, program] = [row['InitiatingProcessLoginName'], row['InitiatingProcessFolderPath']]
  const account = accountText({
    account: String(row['InitiatingProcessAccountName'] ?? ''),
    login: String(login ?? ''),
  })
  const whole = [account, String(program ?? '')].filter((text) => text !== '').join(' · ')
  return (
    <span title={safeText(whole)}>
      {safeText(whoSummary(row))}
      {row['InitiatingProcessCertainty'] === 'inferred' && whole !== '' ? <i> (inferred)</i> : null}
    </span>
  )
}

/** Day and time; where the page is narrow the day is left out. */
function timeCell(row: AnswerRow): ReactNode {
  const [day = '', time = ''] = timeText(row['TimeGenerated']).split(' ')
  return (
    <span title={`${day} ${time}`}>
      <span className="time-day">{day} </span>
      {time}
    </span>
  )
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
