import { Field, Select, Tab, TabList, Title2 } from '@fluentui/react-components'
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useMemo } from 'react'

import { query } from '../api/client.ts'
import { LIVE } from '../api/use-live.ts'
import { withGroups } from '../groups/narrowing.ts'
import { groupsFor, useGroups } from '../groups/use-groups.ts'
import { NothingHere } from '../machines/no-machines.tsx'
import { useMachines } from '../machines/use-machines.ts'
import { changedAddress } from '../view/address.ts'
import { Choice, TextFilter } from '../view/filter-fields.tsx'
import { Empty, Failure, Loading } from '../view/states.tsx'
import { VirtualTable } from '../view/virtual-table.tsx'
import { groupWords } from '../words/groups.ts'
import { inventoryWords as words } from '../words/inventory.ts'
import { inventoryColumns } from './columns.tsx'
import {
  countsQuery,
  GROUPS_TAB,
  inventoryQuery,
  type InventoryRow,
  type InventorySearch,
  isTabName,
  ITEMS_MAX,
  keyOf,
  type TabName,
  tabNames,
  tabs,
} from './inventory-view.ts'
import { ItemDetails } from './item-details.tsx'

type SearchChange = { readonly [Name in keyof InventorySearch]?: InventorySearch[Name] | undefined }

// The editor of their queries is large, and most people come for the other tabs.
const GroupsTab = lazy(async () => ({ default: (await import('../groups/groups-tab.tsx')).GroupsTab }))

/** *Inventory*: what is installed, tracked and running, and where. */
export function InventoryPage(): ReactNode {
  const search: InventorySearch = useSearch({ from: '/inventory' })
  const navigate = useNavigate({ from: '/inventory' })
  const counts = useCounts()
  const { data: groups } = useGroups()
  const change = (changed: SearchChange): void => {
    navigate({
      search: (before: InventorySearch) => changedAddress(before, changed),
      replace: 'text' in changed,
    }).catch(() => undefined)
  }
  const tab = search.tab ?? 'software'
  return (
    <section className="page" aria-labelledby="title">
      <Title2 as="h1" id="title">
        {words.title}
      </Title2>
      <TabList
        selectedValue={tab}
        onTabSelect={(_, { value }) =>
          (isTabName(value) || value === GROUPS_TAB) &&
          change({ tab: value, item: undefined, on: undefined, sort: undefined, text: undefined })
        }
      >
        {tabNames.map((name) => (
          <Tab key={name} value={name}>
            {tabs[name].title} <TabCount count={counts?.get(tabs[name].type) ?? (counts ? 0 : undefined)} />
          </Tab>
        ))}
        <Tab value={GROUPS_TAB}>
          {groupWords.tab} <TabCount count={groups?.length} />
        </Tab>
      </TabList>
      {tab === GROUPS_TAB ? (
        <Suspense fallback={<Loading />}>
          <GroupsTab text={search.text} opened={search.item} onChange={change} />
        </Suspense>
      ) : (
        <ItemsTab tab={tab} search={search} onChange={change} />
      )}
    </section>
  )
}

/** How many there are, in a place that is as wide before that is known. */
function TabCount({ count }: { readonly count: number | undefined }): ReactNode {
  return <span className="tab-count">{count === undefined ? '' : words.inBrackets(count)}</span>
}

/** The items of a type, and the one that is open. */
function ItemsTab({ tab, search, onChange: change }: FiltersProps): ReactNode {
  const asked = useItems(tab, search)
  const { data, error } = asked
  return (
    <div className="tab-page" aria-busy={asked.isPlaceholderData}>
      <Filters tab={tab} search={search} onChange={change} />
      {error ? <Failure error={error} retry={() => void asked.refetch()} /> : null}
      {data === undefined && !error ? <Loading /> : null}
      {data ? <Items tab={tab} rows={data} search={search} onChange={change} /> : null}
      <ItemDetails tab={tab} item={search.item} on={search.on} group={search.group} onChange={change} />
    </div>
  )
}

function useCounts(): ReadonlyMap<string, number> | undefined {
  return useQuery({
    queryKey: [LIVE, 'ConfigurationData', 'counts'],
    queryFn: async ({ signal }) => {
      const { rows } = await query(countsQuery(), signal)
      return new Map(rows.map((row) => [String(row['ConfigDataType']), Number(row['Count'])]))
    },
    structuralSharing: false,
  }).data
}

function useItems(tab: TabName, search: InventorySearch) {
  const client = useQueryClient()
  const { by, machine, group, text, sort } = search
  const shown: InventorySearch = Object.fromEntries(
    Object.entries({ by, machine, group, text, sort }).filter(([, value]) => value !== undefined),
  )
  return useQuery({
    queryKey: [LIVE, 'ConfigurationData', tab, shown],
    queryFn: async ({ signal }) => {
      const kql = withGroups(inventoryQuery(tab, shown), group, await groupsFor(client, group))
      return (await query(kql, signal)).rows
    },
    // What another tab has would stand under the wrong columns.
    placeholderData: (before, asked) =>
      asked?.queryKey[2] === tab && asked.queryKey[3] !== undefined && sameShape(asked.queryKey[3], shown)
        ? keepPreviousData(before)
        : undefined,
    structuralSharing: false,
  })
}

function sameShape(before: unknown, { by }: InventorySearch): boolean {
  return typeof before === 'object' && before !== null && ('by' in before ? before.by : undefined) === by
}

interface FiltersProps {
  readonly tab: TabName
  readonly search: InventorySearch
  readonly onChange: (changed: SearchChange) => void
}

function Filters({ tab, search, onChange }: FiltersProps): ReactNode {
  const known = useMachines()
  const machines = (known.data ?? []).map(({ computer }) => computer)
  const { data: groups = [] } = useGroups()
  return (
    <search className="filters">
      <Field label={words.view}>
        <Select
          value={search.by ?? 'item'}
          onChange={(_, { value }) =>
            onChange({
              by: value === 'machine' ? 'machine' : undefined,
              sort: undefined,
              item: undefined,
              on: undefined,
            })
          }
        >
          <option value="item">{words.byItem}</option>
          <option value="machine">{words.byMachine}</option>
        </Select>
      </Field>
      <Choice
        label={words.machine}
        value={search.machine?.[0]}
        values={machines}
        onChange={(value) => onChange({ machine: value === undefined ? undefined : [value] })}
      />
      <Choice
        label={groupWords.group}
        value={search.group?.[0]}
        values={groups.map(({ name }) => name)}
        onChange={(value) => onChange({ group: value === undefined ? undefined : [value] })}
      />
      <TextFilter
        key={tab}
        value={search.text ?? ''}
        hint={words.textHint[tab]}
        onChange={(value) => onChange({ text: value || undefined })}
      />
    </search>
  )
}

interface ItemsProps extends FiltersProps {
  readonly rows: readonly InventoryRow[]
}

function Items({ tab, rows, search, onChange }: ItemsProps): ReactNode {
  const isByMachine = search.by === 'machine'
  const columns = useMemo(() => inventoryColumns(tab, isByMachine), [tab, isByMachine])
  const rowKey = (row: InventoryRow): string => `${String(row['Computer'] ?? '')}\n${keyOf(tab, row)}`
  if (rows.length === 0)
    return <NothingThere isFiltered={[search.text, search.machine, search.group].some((one) => one !== undefined)} />
  return (
    <>
      <VirtualTable
        key={JSON.stringify([tab, search.by, search.machine, search.group, search.text, search.sort])}
        label={tabs[tab].title}
        rows={rows}
        columns={columns}
        keyOf={rowKey}
        onOpen={(row) => onChange({ item: keyOf(tab, row), on: isByMachine ? String(row['Computer']) : undefined })}
        testId="inventory-row"
        sort={search.sort ?? tabs[tab].name}
        onSort={(sort) => onChange({ sort: sort === tabs[tab].name ? undefined : sort })}
      />
      <p className="note" data-testid="item-count">
        {rows.length >= ITEMS_MAX ? words.rowsMax(ITEMS_MAX) : words.count(rows.length)}
      </p>
    </>
  )
}

function NothingThere({ isFiltered }: { readonly isFiltered: boolean }): ReactNode {
  return isFiltered ? (
    <Empty title={words.noMatch}>{words.noMatchHelp}</Empty>
  ) : (
    <NothingHere>
      <Empty title={words.nothing}>
        {words.nothingHelp} <code>{words.nothingCommand}</code> {words.nothingElse}
      </Empty>
    </NothingHere>
  )
}
