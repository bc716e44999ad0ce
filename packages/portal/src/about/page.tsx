import { Title2 } from '@fluentui/react-components'
import { tableNames } from '@tidemark/model'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'

import { apiPath } from '../api/base-path.ts'
import type { AnswerRow } from '../api/answer-row.ts'
import { about, query } from '../api/client.ts'
import { LIVE } from '../api/use-live.ts'
import { Moment } from '../view/moment.tsx'
import { Facts } from '../view/side-pane.tsx'
import { Failure, Loading } from '../view/states.tsx'
import { timeText } from '../view/text.ts'
import { aboutWords as words } from '../words/frame.ts'

/** *About*: what runs here, and how much is kept. */
export function AboutPage(): ReactNode {
  const { data, error, refetch } = useQuery({ queryKey: ['about'], queryFn: about })
  return (
    <section className="page" aria-labelledby="title">
      <Title2 as="h1" id="title">
        {words.title}
      </Title2>
      {error ? <Failure error={error} retry={() => void refetch()} /> : null}
      {data === undefined && !error ? <Loading /> : null}
      {data ? (
        <Facts
          facts={[
            [words.version, data.version],
            [words.workspace, data.workspaceId],
            [words.clock, timeText(data.now)],
            [words.licence, words.apache],
          ]}
        />
      ) : null}
      <p className="note">
        <a href={apiPath('/api/openapi.json')}>{words.openApi}</a>
      </p>
      <Kept />
      <p className="note">{words.retention}</p>
    </section>
  )
}

interface KeptTable {
  readonly name: string
  readonly row: AnswerRow
}

/** How many rows each table has, from when to when. */
function Kept(): ReactNode {
  const { data, error, refetch } = useQuery({
    queryKey: [LIVE, 'tables'],
    queryFn: async ({ signal }): Promise<KeptTable[]> =>
      await Promise.all(
        tableNames.map(async (name) => ({ name, row: (await query(sizeQuery(name), signal)).rows[0] ?? {} })),
      ),
    structuralSharing: false,
  })
  if (error) return <Failure error={error} retry={() => void refetch()} />
  if (data === undefined) return <Loading />
  return (
    <table className="properties" aria-label={words.tables}>
      <thead>
        <tr>
          <th scope="col">{words.table}</th>
          <th scope="col">{words.rows}</th>
          <th scope="col">{words.day}</th>
          <th scope="col">{words.oldest}</th>
          <th scope="col">{words.newest}</th>
        </tr>
      </thead>
      <tbody>
        {data.map(({ name, row }) => (
          <tr key={name} data-testid="kept-table">
            <th scope="row">{name}</th>
            <td>{Number(row['Rows'] ?? 0).toLocaleString()}</td>
            <td>{Number(row['Day'] ?? 0).toLocaleString()}</td>
            <td>{Number(row['Rows'] ?? 0) === 0 ? '' : <Moment time={row['Oldest']} />}</td>
            <td>{Number(row['Rows'] ?? 0) === 0 ? '' : <Moment time={row['Newest']} />}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function sizeQuery(table: string): string {
  const told = [
    'Rows = count()',
    'Day = countif(TimeGenerated >= ago(1d))',
    'Oldest = min(TimeGenerated)',
    'Newest = max(TimeGenerated)',
  ]
  return `${table}\n| summarize ${told.join(', ')}`
}
