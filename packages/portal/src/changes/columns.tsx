import { Badge } from '@fluentui/react-components'
import type { ReactNode } from 'react'

import type { AnswerRow } from '../api/client.ts'
import { safeText, timeText } from '../view/text.ts'
import type { TableColumn } from '../view/virtual-table.tsx'
import { types } from './change-view.ts'
import { changedThing, changeSummary } from './properties.ts'

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
    cell: (row) => (
      <span className={`${markOf(row)} narrow-mark`} title={safeText(changedThing(row))}>
        {safeText(changedThing(row))}
      </span>
    ),
  },
  {
    title: 'What changed',
    width: 'minmax(100px, 2fr)',
    cell: (row) => <span title={safeText(changeSummary(row))}>{safeText(changeSummary(row))}</span>,
    isMinor: true,
  },
]

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
