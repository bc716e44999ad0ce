import { Title2 } from '@fluentui/react-components'
import { type AboutView, type RetentionView, type StorageView, tableNames } from '@tidemark/model'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'

import { apiPath } from '../api/base-path.ts'
import type { AnswerRow } from '../api/answer-row.ts'
import { about, query, retention, storage } from '../api/client.ts'
import { LIVE } from '../api/use-live.ts'
import { Moment } from '../view/moment.tsx'
import { Facts } from '../view/side-pane.tsx'
import { Failure, Loading } from '../view/states.tsx'
import { bytesText, timeText } from '../view/text.ts'
import { Licences } from './licences.tsx'
import { aboutWords as words } from '../words/frame.ts'

/** *About*: what runs here, and how much is kept. It appears at once, so that nothing moves. */
export function AboutPage(): ReactNode {
  const { data, error, refetch } = useQuery({
    queryKey: [LIVE, 'about'],
    queryFn: everything,
    structuralSharing: false,
  })
  return (
    <section className="page" aria-labelledby="title">
      <Title2 as="h1" id="title">
        {words.title}
      </Title2>
      {error ? <Failure error={error} retry={() => void refetch()} /> : null}
      {data === undefined && !error ? <Loading /> : null}
      {data ? (
        <>
          <Facts
            facts={[
              [words.version, data.about.version],
              [words.workspace, data.about.workspaceId],
              [words.clock, timeText(data.about.now)],
              [words.licence, words.apache],
            ]}
          />
          <p className="note">
            <a href={apiPath('/api/openapi.json')}>{words.openApi}</a>
          </p>
          <h2 className="about-title">{words.tables}</h2>
          <Kept {...data} />
          <p className="note">{words.onDisk(bytesText(data.storage.bytes))}</p>
          <p className="note">{data.retention === undefined ? words.retentionElsewhere : words.retention}</p>
          <Licences />
        </>
      ) : null}
    </section>
  )
}

interface Everything {
  readonly about: AboutView
  readonly storage: StorageView
  readonly retention: RetentionView | undefined
  readonly tables: readonly KeptTable[]
}

interface KeptTable {
  readonly name: string
  readonly row: AnswerRow
}

async function everything({ signal }: { readonly signal: AbortSignal }): Promise<Everything> {
  const [told, stored, kept, tables] = await Promise.all([
    about(),
    storage(signal),
    retention(signal),
    Promise.all(tableNames.map(async (name) => ({ name, row: (await query(sizeQuery(name), signal)).rows[0] ?? {} }))),
  ])
  return { about: told, storage: stored, retention: kept, tables }
}

const HEADS = [
  words.table,
  words.rows,
  words.day,
  words.rate,
  words.size,
  words.oldest,
  words.newest,
  words.kept,
] as const

/** How many rows each table has, from when to when, and how many come. */
function Kept({ storage: stored, retention: kept, tables }: Everything): ReactNode {
  const bytesOf = (table: string): number => stored.tables.find(({ name }) => name === table)?.bytes ?? 0
  return (
    <div className="wide">
      <table className="properties kept" aria-label={words.tables}>
        <thead>
          <tr>
            {HEADS.map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {tables.map(({ name, row }) => (
            <tr key={name} data-testid="kept-table">
              <th scope="row">{name}</th>
              <td className="number">{Number(row['Rows'] ?? 0).toLocaleString()}</td>
              <td className="number">{Number(row['Day'] ?? 0).toLocaleString()}</td>
              <td className="number">{words.perMinute(Number(row['Hour'] ?? 0) / 60)}</td>
              <td className="number">{bytesText(bytesOf(name))}</td>
              <td>{Number(row['Rows'] ?? 0) === 0 ? '' : <Moment time={row['Oldest']} />}</td>
              <td>{Number(row['Rows'] ?? 0) === 0 ? '' : <Moment time={row['Newest']} />}</td>
              <td>{kept === undefined ? '' : words.keptFor(kept.days[name] ?? null)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function sizeQuery(table: string): string {
  const told = [
    'Rows = count()',
    'Day = countif(TimeGenerated >= ago(1d))',
    'Hour = countif(TimeGenerated >= ago(1h))',
    'Oldest = min(TimeGenerated)',
    'Newest = max(TimeGenerated)',
  ]
  return `${table}\n| summarize ${told.join(', ')}`
}
