import {
  Button,
  DrawerBody,
  DrawerHeader,
  DrawerHeaderTitle,
  OverlayDrawer,
  Tab,
  TabList,
  Title2,
} from '@fluentui/react-components'
import { Dismiss24Regular } from '@fluentui/react-icons'
import { useQueries } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactNode, useMemo, useState } from 'react'

import { query } from '../api/client.ts'
import { Choice, TextFilter } from '../changes/filters.tsx'
import { Empty, Failure, Loading } from '../view/states.tsx'
import { safeText, timeText } from '../view/text.ts'
import { type TableColumn, VirtualTable } from '../view/virtual-table.tsx'
import {
  inventoryQuery,
  type InventoryRow,
  type InventorySearch,
  latestOnly,
  matching,
  type TabName,
  tabs,
} from './inventory-view.ts'

const machine: TableColumn<InventoryRow> = {
  title: 'Machine',
  width: 'minmax(80px, 160px)',
  cell: (row) => safeText(row['Computer']),
  isMinor: true,
}
const text = (title: string, name: string, width: string, isMinor = true): TableColumn<InventoryRow> => ({
  title,
  width,
  cell: (row) => <span title={safeText(row[name])}>{safeText(row[name])}</span>,
  isMinor,
})

const columns: Readonly<Record<TabName, readonly TableColumn<InventoryRow>[]>> = {
  software: [
    text('Name', 'SoftwareName', 'minmax(120px, 2fr)', false),
    text('Version', 'CurrentVersion', 'minmax(90px, 1fr)', false),
    text('Publisher', 'Publisher', 'minmax(100px, 2fr)'),
    machine,
  ],
  files: [
    text('Path', 'FileSystemPath', 'minmax(140px, 3fr)', false),
    text('Size', 'Size', '90px'),
    text('Mode', 'FileMode', '70px'),
    text('Owner', 'FileOwner', '90px'),
    machine,
  ],
  daemons: [
    text('Name', 'SvcName', 'minmax(120px, 2fr)', false),
    text('State', 'SvcState', '90px', false),
    text('Startup', 'SvcStartupType', '100px'),
    text('Description', 'SvcDescription', 'minmax(100px, 3fr)'),
    machine,
  ],
}

/** *Inventory*: what is installed, tracked and running. */
export function InventoryPage(): ReactNode {
  const search: InventorySearch = useSearch({ from: '/inventory' })
  const navigate = useNavigate({ from: '/inventory' })
  const [opened, setOpened] = useState<InventoryRow>()
  const tab = search.tab ?? 'software'
  const names: readonly TabName[] = ['software', 'files', 'daemons']
  const asked = useQueries({
    queries: names.map((name) => ({
      queryKey: ['live', 'inventory', name],
      queryFn: async () => latestOnly(await query(inventoryQuery(name))),
      staleTime: 5_000,
    })),
  })
  const current = asked[names.indexOf(tab)]
  const all = current?.data
  const rows = useMemo(() => matching(all ?? [], search), [all, search])
  const known = useMemo(() => [...new Set((all ?? []).map((row) => String(row['Computer'])))].sort(), [all])
  const change = (changed: { readonly [Name in keyof InventorySearch]?: InventorySearch[Name] | undefined }): void => {
    const next = Object.fromEntries(
      Object.entries({ ...search, ...changed }).filter(([, value]) => value !== undefined),
    )
    navigate({ search: next, replace: true }).catch(() => undefined)
  }
  return (
    <section className="page" aria-labelledby="title">
      <Title2 as="h1" id="title">
        Inventory
      </Title2>
      <TabList
        selectedValue={tab}
        onTabSelect={(_, { value }) => change({ tab: names.find((name) => name === value) })}
      >
        {names.map((name, index) => (
          <Tab key={name} value={name}>
            {tabs[name].title} ({asked[index]?.data?.length.toLocaleString() ?? '…'})
          </Tab>
        ))}
      </TabList>
      <div className="filters" role="search">
        <Choice
          label="Machine"
          value={search.machine}
          values={known}
          onChange={(value) => change({ machine: value })}
        />
        <TextFilter value={search.text ?? ''} onChange={(value) => change({ text: value || undefined })} />
      </div>
      {current?.error ? <Failure error={current.error} retry={() => void current.refetch()} /> : null}
      {all === undefined ? current?.error ? null : <Loading /> : null}
      {all !== undefined && rows.length === 0 ? <NothingThere isFiltered={all.length > 0} /> : null}
      {rows.length > 0 ? (
        <VirtualTable
          key={tab}
          label={tabs[tab].title}
          rows={rows}
          columns={columns[tab]}
          keyOf={(row) => String(row['RecordId'])}
          onOpen={setOpened}
          testId="inventory-row"
        />
      ) : null}
      <ItemDetails row={opened} onClose={() => setOpened(undefined)} />
    </section>
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

function ItemDetails({
  row,
  onClose,
}: {
  readonly row: InventoryRow | undefined
  readonly onClose: () => void
}): ReactNode {
  const hidden = new Set([
    'TenantId',
    'RecordId',
    'Type',
    'AdditionalFields',
    '_TimeReceived',
    'Sequence',
    'BaselineEpoch',
  ])
  const cells = Object.entries(row ?? {}).filter(([name, cell]) => cell !== null && cell !== '' && !hidden.has(name))
  return (
    <OverlayDrawer
      position="end"
      size="medium"
      open={row !== undefined}
      onOpenChange={(_, { open }) => open || onClose()}
      data-testid="item-details"
    >
      <DrawerHeader>
        <DrawerHeaderTitle
          action={<Button appearance="subtle" aria-label="Close" icon={<Dismiss24Regular />} onClick={onClose} />}
        >
          Properties
        </DrawerHeaderTitle>
      </DrawerHeader>
      <DrawerBody>
        <table className="properties">
          <tbody>
            {cells.map(([name, cell]) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{name === 'TimeGenerated' ? timeText(cell) : safeText(cell)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </DrawerBody>
    </OverlayDrawer>
  )
}
