import { Badge, Tab, TabList } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'

import type { AnswerRow } from '../api/answer-row.ts'
import { query } from '../api/client.ts'
import { keptContents } from '../content/kept.ts'
import { LongText } from '../view/long-text.tsx'
import { SidePane } from '../view/side-pane.tsx'
import { Empty, Failure, Loading } from '../view/states.tsx'
import { Moment } from '../view/moment.tsx'
import { safeText } from '../view/text.ts'
import { columnTitle } from '../view/words.ts'
import { detailWords as words } from '../words/details.ts'
import { detailQuery } from './change-view.ts'
import { colourOf, markOf } from './columns.tsx'
import { LazyContent } from './lazy-content.tsx'
import { PackageSection } from './package-section.tsx'
import { changedThing, changedWords, propertiesOf, type Property, renamedFrom } from './properties.ts'
import { Elsewhere, History } from './related.tsx'
import { WhoSection } from './who-section.tsx'

export interface ChangeDetailsProps {
  /** `RecordId`; undefined while none is open. */
  readonly id: string | undefined
  /** What the table has of it, shown until all of it is there. */
  readonly row: AnswerRow | undefined
  /** Opens another change in its place. */
  readonly onOpen: (id: string) => void
  readonly onClose: () => void
}

/** *Change details*: who did it; Changed and Unchanged, with the values before and after; the contents that are kept. */
export function ChangeDetails({ id, row, onOpen, onClose }: ChangeDetailsProps): ReactNode {
  return (
    <SidePane title={words.title} isOpen={id !== undefined} onClose={onClose} testId="change-details">
      {id === undefined ? null : <Details key={id} id={id} row={row} onOpen={onOpen} />}
    </SidePane>
  )
}

interface DetailsProps extends Pick<ChangeDetailsProps, 'row' | 'onOpen'> {
  readonly id: string
}

function Details({ id, row, onOpen }: DetailsProps): ReactNode {
  const { data, error, refetch } = useQuery({
    queryKey: ['change', id],
    queryFn: async ({ signal }) => await query(detailQuery(id), signal),
  })
  const full = data?.rows[0]
  const known = full ?? row
  if (data && full === undefined) return <Empty title={words.gone}>{words.goneHelp}</Empty>
  return (
    <>
      {known ? <Head row={known} /> : null}
      {error ? <Failure error={error} retry={() => void refetch()} /> : null}
      {full ? (
        <>
          <WhoSection row={full} />
          <PackageSection row={full} />
          <Tabs row={full} onOpen={onOpen} />
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
          <Moment time={row['TimeGenerated']} /> {words.on(safeText(row['Computer']))}
        </span>
      </p>
      <ChangedWords all={changedWords(row)} />
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
      {words.renamedFrom}{' '}
      <span className="thing">
        <LongText text={before} />
      </span>{' '}
      {words.renamedTo}{' '}
      <span className="thing">
        <LongText text={changedThing(row)} />
      </span>
    </p>
  )
}

/** What differs, one word after the other. */
function ChangedWords({ all }: { readonly all: readonly string[] }): ReactNode {
  if (all.length === 0) return null
  return (
    <ul className="facts words" aria-label={words.whatChanged} data-testid="changed-words">
      {all.map((word) => (
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

const tabNames = ['changed', 'unchanged', 'content', 'history', 'elsewhere'] as const
type TabName = (typeof tabNames)[number]

function Tabs({ row, onOpen }: { readonly row: AnswerRow; readonly onOpen: (id: string) => void }): ReactNode {
  const { changed, unchanged } = propertiesOf(row)
  const kept = keptContents(row)
  const [tab, setTab] = useState<TabName>('changed')
  return (
    <>
      <TabList
        size="small"
        selectedValue={tab}
        onTabSelect={(_, { value }) => setTab(tabNames.find((name) => name === value) ?? 'changed')}
      >
        <Tab value="changed">{words.changed(changed.length)}</Tab>
        <Tab value="unchanged">{words.unchanged(unchanged.length)}</Tab>
        {kept.before === undefined && kept.after === undefined ? null : <Tab value="content">{words.content}</Tab>}
        <Tab value="history">{words.history}</Tab>
        <Tab value="elsewhere">{words.elsewhere}</Tab>
      </TabList>
      {tab === 'content' ? <LazyContent kept={kept} row={row} /> : null}
      {tab === 'history' ? <History row={row} onOpen={onOpen} /> : null}
      {tab === 'elsewhere' ? <Elsewhere row={row} onOpen={onOpen} /> : null}
      {tab === 'changed' ? <Properties properties={changed} /> : null}
      {tab === 'unchanged' ? <Properties properties={unchanged} /> : null}
    </>
  )
}

function Properties({ properties }: { readonly properties: readonly Property[] }): ReactNode {
  if (properties.length === 0) return <p className="note">{words.noProperties}</p>
  return (
    <table className="properties">
      <thead>
        <tr>
          <th scope="col">{words.property}</th>
          <th scope="col">{words.before}</th>
          <th scope="col">{words.after}</th>
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
