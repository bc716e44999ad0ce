import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'

import type { AnswerRow } from '../api/answer-row.ts'
import { query } from '../api/client.ts'
import { Moment } from '../view/moment.tsx'
import { Failure, Loading } from '../view/states.tsx'
import { safeText } from '../view/text.ts'
import { detailWords as words } from '../words/details.ts'
import { changeSummary } from './properties.ts'
import { elsewhereQuery, HISTORY_MAX, historyQuery } from './related-queries.ts'
import { whoSummary } from './who.ts'

interface RelatedProps {
  readonly row: AnswerRow
  readonly onOpen: (id: string) => void
}

/** The changes of the same item on the same machine. */
export function History({ row, onOpen }: RelatedProps): ReactNode {
  return (
    <Related row={row} text={historyQuery(row)} title={words.historyTitle} none={words.onlyOne} rowsMin={2}>
      {(rows) => (
        <>
          <RowTable rows={rows} current={String(row['RecordId'])} onOpen={onOpen} hasMachine={false} />
          {rows.length >= HISTORY_MAX ? <p className="note">{words.historyMax(HISTORY_MAX)}</p> : null}
        </>
      )}
    </Related>
  )
}

/** Other machines with the same change. */
export function Elsewhere({ row, onOpen }: RelatedProps): ReactNode {
  return (
    <Related row={row} text={elsewhereQuery(row)} title={words.elsewhereTitle} none={words.elsewhereNone} rowsMin={1}>
      {(rows) => <RowTable rows={rows} current="" onOpen={onOpen} hasMachine />}
    </Related>
  )
}

interface AskedProps {
  readonly row: AnswerRow
  readonly text: string
  readonly title: string
  /** What is said where there are fewer rows than `rowsMin`. */
  readonly none: string
  readonly rowsMin: number
  readonly children: (rows: readonly AnswerRow[]) => ReactNode
}

function Related({ row, text, title, none, rowsMin, children }: AskedProps): ReactNode {
  const { data, error, refetch } = useQuery({
    queryKey: ['related', String(row['RecordId']), text],
    queryFn: async ({ signal }) => await query(text, signal),
  })
  if (error) return <Failure error={error} retry={() => void refetch()} />
  if (data === undefined) return <Loading />
  return (
    <section data-testid="related" aria-label={title}>
      <p className="note related-title">{data.rows.length < rowsMin ? none : title}</p>
      {data.rows.length < rowsMin ? null : children(data.rows)}
    </section>
  )
}

interface RowTableProps {
  readonly rows: readonly AnswerRow[]
  readonly current: string
  readonly onOpen: (id: string) => void
  readonly hasMachine: boolean
}

function RowTable({ rows, current, onOpen, hasMachine }: RowTableProps): ReactNode {
  return (
    <table className="properties related">
      <thead>
        <tr>
          <th scope="col">{words.time}</th>
          {hasMachine ? <th scope="col">{words.machine}</th> : null}
          <th scope="col">{words.category}</th>
          <th scope="col">{words.whatColumn}</th>
          <th scope="col">{words.who}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => {
          const id = String(row['RecordId'])
          const when = <Moment time={row['TimeGenerated']} />
          return (
            <tr key={id} data-testid="related-row">
              <td>
                {id === current ? (
                  <>
                    {when} <span className="note">({words.thisOne})</span>
                  </>
                ) : (
                  <button type="button" className="text-button" onClick={() => onOpen(id)}>
                    {when}
                  </button>
                )}
              </td>
              {hasMachine ? <td>{safeText(row['Computer'])}</td> : null}
              <td>{safeText(row['ChangeCategory'])}</td>
              <td>{safeText(changeSummary(row)).slice(0, 300)}</td>
              <td>{safeText(whoSummary(row)).slice(0, 100)}</td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}
