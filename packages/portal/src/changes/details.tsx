import { Badge, Tab, TabList } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'

import { type AnswerRow, query } from '../api/client.ts'
import { SidePane } from '../view/side-pane.tsx'
import { Empty, Failure, Loading } from '../view/states.tsx'
import { safeText, timeText } from '../view/text.ts'
import { detailQuery } from './change-view.ts'
import { colourOf, markOf } from './columns.tsx'
import { changedThing, propertiesOf, type Property } from './properties.ts'

export interface ChangeDetailsProps {
  /** `RecordId`; undefined while none is open. */
  readonly id: string | undefined
  /** What the table has of it, shown until all of it is there. */
  readonly row: AnswerRow | undefined
  readonly onClose: () => void
}

/** *Change details*: Changed and Unchanged, with the values before and after. */
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
      {full ? <Tabs row={full} /> : error ? null : <Loading />}
    </>
  )
}

function Head({ row }: { readonly row: AnswerRow }): ReactNode {
  return (
    <>
      <p className="thing">{safeText(changedThing(row))}</p>
      <p className="facts">
        <span className={markOf(row)}>{safeText(row['ConfigChangeType'])}</span>
        <Badge appearance="tint" color={colourOf(row)}>
          {safeText(row['ChangeCategory'])}
        </Badge>
        <span>
          {timeText(row['TimeGenerated'])} on {safeText(row['Computer'])}
        </span>
      </p>
    </>
  )
}

function Tabs({ row }: { readonly row: AnswerRow }): ReactNode {
  const { changed, unchanged } = propertiesOf(row)
  const [tab, setTab] = useState<'changed' | 'unchanged'>('changed')
  return (
    <>
      <TabList
        selectedValue={tab}
        onTabSelect={(_, { value }) => setTab(value === 'unchanged' ? 'unchanged' : 'changed')}
      >
        <Tab value="changed">Changed ({changed.length})</Tab>
        <Tab value="unchanged">Unchanged ({unchanged.length})</Tab>
      </TabList>
      <Properties properties={tab === 'changed' ? changed : unchanged} />
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
            <th scope="row">{name}</th>
            <td>{safeText(before)}</td>
            <td>{safeText(after)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
