import { Badge, Tab, TabList } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'

import { type AnswerRow, query } from '../api/client.ts'
import { keptContents } from '../content/kept.ts'
import { LongText } from '../view/long-text.tsx'
import { SidePane } from '../view/side-pane.tsx'
import { Empty, Failure, Loading } from '../view/states.tsx'
import { safeText, timeText } from '../view/text.ts'
import { columnTitle } from '../view/words.ts'
import { detailQuery } from './change-view.ts'
import { colourOf, markOf } from './columns.tsx'
import { LazyContent } from './lazy-content.tsx'
import { changedThing, changedWords, propertiesOf, type Property, renamedFrom } from './properties.ts'
import { WhoSection } from './who-section.tsx'

export interface ChangeDetailsProps {
  /** `RecordId`; undefined while none is open. */
  readonly id: string | undefined
  /** What the table has of it, shown until all of it is there. */
  readonly row: AnswerRow | undefined
  readonly onClose: () => void
}

/** *Change details*: who did it; Changed and Unchanged, with the values before and after; the contents that are kept. */
export function ChangeDetails({ id, row, onClose }: ChangeDetailsProps): ReactNode {
  return (
    <SidePane title="Change details" isOpen={id !== undefined} onClose={onClose} testId="change-details">
      {id === undefined ? null : <Details key={id} id={id} row={row} />}
    </SidePane>
  )
}

function Details({ id, row }: { readonly id: string; readonly row: AnswerRow | undefined }): ReactNode {
  const { data, error, refetch } = useQuery({
    queryKey: ['change', id],
    queryFn: async ({ signal }) => await query(detailQuery(id), signal),
  })
  const full = data?.rows[0]
  const known = full ?? row
  if (data && full === undefined)
    return <Empty title="This change is not there">It may have been taken away since. Choose another one.</Empty>
  return (
    <>
      {known ? <Head row={known} /> : null}
      {error ? <Failure error={error} retry={() => void refetch()} /> : null}
      {full ? (
        <>
          <WhoSection row={full} />
          <Tabs row={full} />
        </>
      ) : error ? null : (
        <Loading />
      )}
    </>
  )
}

function Head({ row }: { readonly row: AnswerRow }): ReactNode {
  return (
    <>
      <Thing row={row} />
      <p className="facts">
        <span className={markOf(row)}>{safeText(row['ConfigChangeType'])}</span>
        <Badge appearance="tint" color={colourOf(row)}>
          {safeText(row['ChangeCategory'])}
        </Badge>
        <span>
          {timeText(row['TimeGenerated'])} on {safeText(row['Computer'])}
        </span>
      </p>
      <ChangedWords words={changedWords(row)} />
    </>
  )
}

function Thing({ row }: { readonly row: AnswerRow }): ReactNode {
  const before = renamedFrom(row)
  if (before === '')
    return (
      <p className="thing">
        <LongText text={changedThing(row)} />
      </p>
    )
  return (
    <p data-testid="renamed">
      Renamed from{' '}
      <span className="thing">
        <LongText text={before} />
      </span>{' '}
      to{' '}
      <span className="thing">
        <LongText text={changedThing(row)} />
      </span>
    </p>
  )
}

/** What differs, one word after the other. */
function ChangedWords({ words }: { readonly words: readonly string[] }): ReactNode {
  if (words.length === 0) return null
  return (
    <ul className="facts words" aria-label="What changed" data-testid="changed-words">
      {words.map((word) => (
        <li key={word}>
          <Badge appearance="outline" color="informative">
            {safeText(word.slice(0, WORD_CHARACTERS_MAX))}
          </Badge>
        </li>
      ))}
    </ul>
  )
}

/** Characters of a word that is shown in a badge; our own are much shorter. */
const WORD_CHARACTERS_MAX = 60

const tabNames = ['changed', 'unchanged', 'content'] as const
type TabName = (typeof tabNames)[number]

function Tabs({ row }: { readonly row: AnswerRow }): ReactNode {
  const { changed, unchanged } = propertiesOf(row)
  const kept = keptContents(row)
  const [tab, setTab] = useState<TabName>('changed')
  return (
    <>
      <TabList
        selectedValue={tab}
        onTabSelect={(_, { value }) => setTab(tabNames.find((name) => name === value) ?? 'changed')}
      >
        <Tab value="changed">Changed ({changed.length})</Tab>
        <Tab value="unchanged">Unchanged ({unchanged.length})</Tab>
        {kept.before === undefined && kept.after === undefined ? null : <Tab value="content">Content</Tab>}
      </TabList>
      {tab === 'content' ? (
        <LazyContent kept={kept} row={row} />
      ) : (
        <Properties properties={tab === 'changed' ? changed : unchanged} />
      )}
    </>
  )
}

function Properties({ properties }: { readonly properties: readonly Property[] }): ReactNode {
  if (properties.length === 0) return <p className="note">Nothing.</p>
  return (
    <table className="properties">
      <thead>
        <tr>
          <th scope="col">Property</th>
          <th scope="col">Value Before</th>
          <th scope="col">Value After</th>
        </tr>
      </thead>
      <tbody>
        {properties.map(({ name, before, after }) => (
          <tr key={name} data-testid="property">
            <th scope="row" title={name}>
              {columnTitle(name)}
            </th>
            <td>
              <LongText text={before} />
            </td>
            <td>
              <LongText text={after} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
