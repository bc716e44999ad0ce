import { Tab, TabList, Title2 } from '@fluentui/react-components'
import { useQueries } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactNode, useMemo } from 'react'

import { query } from '../api/client.ts'
import { LIVE } from '../api/use-live.ts'
import { Choice, TextFilter } from '../view/filter-fields.tsx'
import { Empty, Failure, Loading } from '../view/states.tsx'
import { VirtualTable } from '../view/virtual-table.tsx'
import { columns } from './columns.tsx'
import {
  inventoryQuery,
  type InventoryRow,
  type InventorySearch,
  isTabName,
  keyOf,
  latestOnly,
  matching,
  tabNames,
  tabs,
} from './inventory-view.ts'
import { ItemDetails } from './item-details.tsx'

type SearchChange = { readonly [Name in keyof InventorySearch]?: InventorySearch[Name] | undefined }

/** *Inventory*: what is installed, tracked and running. */
export function InventoryPage(): ReactNode {
  const search: InventorySearch = useSearch({ from: '/inventory' })
  const navigate = useNavigate({ from: '/inventory' })
  const asked = useQueries({
    queries: tabNames.map((name) => ({
      queryKey: [LIVE, 'ConfigurationData', name],
      queryFn: async ({ signal }) => latestOnly((await query(inventoryQuery(name), signal)).rows),
      structuralSharing: false,
    })),
  })
  const tab = search.tab ?? 'software'
  const { data, error, refetch } = asked[tabNames.indexOf(tab)] ?? {}
  const change = (changed: SearchChange): void => {
    const next = (before: InventorySearch): InventorySearch =>
      Object.fromEntries(Object.entries({ ...before, ...changed }).filter(([, value]) => value !== undefined))
    navigate({ search: next, replace: 'text' in changed }).catch(() => undefined)
  }
  return (
    <section className="page" aria-labelledby="title">
      <Title2 as="h1" id="title">
        Inventory
      </Title2>
      <TabList
        selectedValue={tab}
        onTabSelect={(_, { value }) => isTabName(value) && change({ tab: value, item: undefined })}
      >
        {tabNames.map((name, index) => (
          <Tab key={name} value={name}>
            {tabs[name].title} ({asked[index]?.data?.length.toLocaleString() ?? '…'})
          </Tab>
        ))}
      </TabList>
      {error ? <Failure error={error} retry={() => void refetch?.()} /> : null}
      {data === undefined && !error ? <Loading /> : null}
      {data ? <Items all={data} search={search} onChange={change} /> : null}
    </section>
  )
}

interface ItemsProps {
  readonly all: readonly InventoryRow[]
  readonly search: InventorySearch
  readonly onChange: (changed: SearchChange) => void
}

function Items({ all, search, onChange }: ItemsProps): ReactNode {
  const { tab = 'software', machine, text, item } = search
  const rows = useMemo(
    () => matching(all, { ...(machine ? { machine } : {}), ...(text ? { text } : {}) }),
    [all, machine, text],
  )
  const machines = useMemo(() => [...new Set(all.map((row) => String(row['Computer'])))].sort(), [all])
  const key = keyOf(tab)
  return (
    <>
      <search className="filters">
        <Choice label="Machine" value={machine} values={machines} onChange={(value) => onChange({ machine: value })} />
        <TextFilter
          value={text ?? ''}
          hint="name, version, publisher…"
          onChange={(value) => onChange({ text: value || undefined })}
        />
        <p className="note" data-testid="item-count">
          {rows.length === all.length ? '' : `${rows.length.toLocaleString()} of ${all.length.toLocaleString()}`}
        </p>
      </search>
      {rows.length === 0 ? (
        <NothingThere isFiltered={all.length > 0} />
      ) : (
        <VirtualTable
          key={JSON.stringify([tab, machine, text])}
          label={tabs[tab].title}
          rows={rows}
          columns={columns[tab]}
          keyOf={key}
          onOpen={(row) => onChange({ item: key(row) })}
          testId="inventory-row"
        />
      )}
      <ItemDetails
        row={item === undefined ? undefined : all.find((row) => key(row) === item)}
        onClose={() => onChange({ item: undefined })}
      />
    </>
  )
}

function NothingThere({ isFiltered }: { readonly isFiltered: boolean }): ReactNode {
  return isFiltered ? (
    <Empty title="Nothing matches">Take a filter away.</Empty>
  ) : (
    <Empty title="No inventory yet">
      It comes with the first look of a machine. <code>tidemark status</code> tells how far it is, and what cannot be
      seen there.
    </Empty>
  )
}
