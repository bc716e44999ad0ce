import { Tab, TabList } from '@fluentui/react-components'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'

import { type AnswerRow, query } from '../api/client.ts'
import { LIVE } from '../api/use-live.ts'
import { withGroups } from '../groups/narrowing.ts'
import { groupsFor } from '../groups/use-groups.ts'
import { LongText } from '../view/long-text.tsx'
import { Facts, SidePane } from '../view/side-pane.tsx'
import { Empty, Failure, Loading } from '../view/states.tsx'
import { safeText } from '../view/text.ts'
import { valueText } from '../view/values.ts'
import { columnTitle } from '../view/words.ts'
import { inventoryWords as words } from '../words/inventory.ts'
import {
  everyMachineQuery,
  type InventorySearch,
  machinesQuery,
  nameIn,
  propertiesQuery,
  type TabName,
} from './inventory-view.ts'
import { Have, Lack, Variants } from './machine-lists.tsx'
import { type Spread, spreadOf } from './spread.ts'

// Columns about the record, not about the thing.
const HIDDEN: ReadonlySet<string> = new Set([
  'TenantId',
  'RecordId',
  'Type',
  'AdditionalFields',
  '_TimeReceived',
  'Sequence',
  'BaselineEpoch',
  'MG',
  'SourceSystem',
  'SourceComputerId',
  'VMUUID',
  '_ResourceId',
  '_SubscriptionId',
  'DetectedBy',
  'LastSnapshotAge',
  '_BilledSize',
  '_IsBillable',
])

export interface ItemDetailsProps {
  readonly tab: TabName
  /** `keyOf` the item; undefined while none is open. */
  readonly item: string | undefined
  /** The machine whose item it is; undefined for the one that reported last. */
  readonly on: string | undefined
  /** The groups whose machines are told apart; undefined for all machines. */
  readonly group: readonly string[] | undefined
  readonly onChange: (changed: { readonly [Name in keyof InventorySearch]?: InventorySearch[Name] | undefined }) => void
}

/** An item: its properties, how its versions spread, the machines with it and those without it. */
export function ItemDetails({ tab, item, on, group, onChange }: ItemDetailsProps): ReactNode {
  return (
    <SidePane
      title={item === undefined ? words.properties : safeText(nameIn(tab, item)).slice(0, 200)}
      isOpen={item !== undefined}
      onClose={() => onChange({ item: undefined, on: undefined })}
      testId="item-details"
    >
      {item === undefined ? null : (
        <Details key={`${tab} ${item} ${on ?? ''}`} tab={tab} item={item} on={on} group={group} onChange={onChange} />
      )}
    </SidePane>
  )
}

interface OpenItem extends Omit<ItemDetailsProps, 'item'> {
  readonly item: string
}

/** Everything about the item, in one go. */
function useItem({ tab, item, on, group }: OpenItem) {
  const client = useQueryClient()
  const name = nameIn(tab, item)
  return useQuery({
    queryKey: [LIVE, 'ConfigurationData', 'item', tab, item, on, group],
    queryFn: async ({ signal }): Promise<{ row: AnswerRow | undefined; spread: Spread }> => {
      const groups = await groupsFor(client, group)
      const narrowed = (kql: string): string => withGroups(kql, group, groups)
      const [properties, machines, everyone] = await Promise.all([
        query(propertiesQuery(tab, item, on), signal),
        query(narrowed(machinesQuery(tab, name, group)), signal),
        query(narrowed(everyMachineQuery(tab, group)), signal),
      ])
      const computers = everyone.rows.map((row) => String(row['Computer']))
      const wanted = item.slice(name.length + 1)
      return {
        row: properties.rows[0],
        spread: spreadOf(tab, wanted, { rows: machines.rows, everyone: computers }),
      }
    },
    structuralSharing: false,
  })
}

const parts = ['properties', 'have', 'lack', 'spread'] as const
type Part = (typeof parts)[number]

function Details(props: OpenItem): ReactNode {
  const { tab, item, on, onChange } = props
  const { data, error, refetch } = useItem(props)
  const [part, setPart] = useState<Part>('properties')
  if (error) return <Failure error={error} retry={() => void refetch()} />
  if (data === undefined) return <Loading />
  if (data.row === undefined) return <Empty title={words.gone}>{words.goneHelp}</Empty>
  const { row, spread } = data
  const whole = spread.have.length + spread.lack.length
  const name = nameIn(tab, item)
  return (
    <>
      <p className="facts">
        <span>{words.share(spread.have.length, whole)}</span>
        <Link to="/" search={{ text: name, span: '30d' }}>
          {words.changes}
        </Link>
      </p>
      <TabList
        size="small"
        selectedValue={part}
        onTabSelect={(_, { value }) => setPart(parts.find((one) => one === value) ?? 'properties')}
      >
        <Tab value="properties">{words.properties}</Tab>
        <Tab value="have">{words.have(spread.have.length)}</Tab>
        <Tab value="lack">{words.lack(spread.lack.length)}</Tab>
        <Tab value="spread">
          {words.spread[tab]} ({spread.variants.length.toLocaleString()})
        </Tab>
      </TabList>
      {part === 'properties' ? <Properties row={row} on={on} /> : null}
      {part === 'have' ? <Have spread={spread} onOpen={(computer) => onChange({ on: computer })} /> : null}
      {part === 'lack' ? <Lack spread={spread} /> : null}
      {part === 'spread' ? (
        <Variants
          tab={tab}
          spread={spread}
          current={item.slice(name.length + 1)}
          onOpen={(key) => onChange({ item: `${name}\n${key}`, on: undefined })}
        />
      ) : null}
    </>
  )
}

function Properties({ row, on }: { readonly row: AnswerRow; readonly on: string | undefined }): ReactNode {
  const facts = Object.entries(row)
    .filter(([name]) => !HIDDEN.has(name))
    .map(([name, cell]) => [columnTitle(name), valueText(name, cell)] as const)
  const machine = safeText(row['Computer'])
  return (
    <>
      <p className="note">
        <LongText text={on === undefined ? words.asLast(machine) : words.asOn(machine)} />
      </p>
      <Facts facts={facts} />
    </>
  )
}
