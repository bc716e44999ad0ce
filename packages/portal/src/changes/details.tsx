import {
  Badge,
  Button,
  DrawerBody,
  DrawerHeader,
  DrawerHeaderTitle,
  OverlayDrawer,
  Tab,
  TabList,
} from '@fluentui/react-components'
import { Dismiss24Regular } from '@fluentui/react-icons'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'

import { type AnswerRow, query } from '../api/client.ts'
import { Failure, Loading } from '../view/states.tsx'
import { safeText, timeText } from '../view/text.ts'
import { changedThing, detailQuery, type Property, propertiesOf } from './change-view.ts'

/** *Change details*: Changed and Unchanged, with the values before and after. */
export function ChangeDetails({
  row,
  onClose,
}: {
  readonly row: AnswerRow | undefined
  readonly onClose: () => void
}): ReactNode {
  return (
    <OverlayDrawer
      position="end"
      size="medium"
      open={row !== undefined}
      onOpenChange={(_, { open }) => open || onClose()}
      data-testid="change-details"
    >
      <DrawerHeader>
        <DrawerHeaderTitle
          action={<Button appearance="subtle" aria-label="Close" icon={<Dismiss24Regular />} onClick={onClose} />}
        >
          Change details
        </DrawerHeaderTitle>
      </DrawerHeader>
      <DrawerBody>{row ? <Details row={row} /> : null}</DrawerBody>
    </OverlayDrawer>
  )
}

function Details({ row }: { readonly row: AnswerRow }): ReactNode {
  const [tab, setTab] = useState<'changed' | 'unchanged'>('changed')
  const id = String(row['RecordId'] ?? '')
  const { data, error, refetch } = useQuery({
    queryKey: ['change', id],
    queryFn: async () => await query(detailQuery(id)),
  })
  const full = data?.[0]
  const { changed, unchanged } = propertiesOf(full ?? {})
  return (
    <>
      <p className="thing">{safeText(changedThing(row))}</p>
      <p>
        <Badge appearance="tint">{String(row['ConfigChangeType'])}</Badge>{' '}
        <Badge appearance="tint">{String(row['ChangeCategory'])}</Badge> {timeText(row['TimeGenerated'])} on{' '}
        {safeText(row['Computer'])}
      </p>
      <TabList
        selectedValue={tab}
        onTabSelect={(_, { value }) => setTab(value === 'unchanged' ? 'unchanged' : 'changed')}
      >
        <Tab value="changed">Changed ({changed.length})</Tab>
        <Tab value="unchanged">Unchanged ({unchanged.length})</Tab>
      </TabList>
      {error ? <Failure error={error} retry={() => void refetch()} /> : null}
      {full === undefined && !error ? <Loading /> : <Properties properties={tab === 'changed' ? changed : unchanged} />}
    </>
  )
}

function Properties({ properties }: { readonly properties: readonly Property[] }): ReactNode {
  if (properties.length === 0) return <p>Nothing.</p>
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
