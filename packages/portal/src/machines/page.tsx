import './machines.css'

import { Badge, Title2 } from '@fluentui/react-components'
import type { MachineView } from '@tidemark/model'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactNode, useMemo, useState } from 'react'

import { query } from '../api/client.ts'
import { LIVE } from '../api/use-live.ts'
import { useGroups, useMembers } from '../groups/use-groups.ts'
import { changedAddress } from '../view/address.ts'
import { useClock } from '../view/clock.ts'
import { Choice, TextFilter } from '../view/filter-fields.tsx'
import { SidePane } from '../view/side-pane.tsx'
import { Empty, Failure, Loading } from '../view/states.tsx'
import { safeText } from '../view/text.ts'
import { VirtualTable } from '../view/virtual-table.tsx'
import { groupWords } from '../words/groups.ts'
import { machineWords as words } from '../words/machines.ts'
import { AddMachine, type AddMachineProps } from './add-machine.tsx'
import { MachineDetails } from './machine-details.tsx'
import { changeCountsQuery, gapCountsQuery } from './machine-queries.ts'
import { machineColumns, type MachinesSearch, matchingMachines, statusColours, statuses } from './machine-view.tsx'
import { useMachines } from './use-machines.ts'

type SearchChange = { readonly [Name in keyof MachinesSearch]?: MachinesSearch[Name] | undefined }

const keyOf = ({ resourceId }: MachineView): string => resourceId

/** *Machines*: who reports, with which versions, and how it goes. Those that need attention come first. */
export function MachinesPage(): ReactNode {
  const { data, error, refetch } = useMachines()
  const search: MachinesSearch = useSearch({ from: '/machines' })
  const navigate = useNavigate({ from: '/machines' })
  const opened = data?.find(({ resourceId }) => resourceId === search.machine)
  const change = (changed: SearchChange): void => {
    navigate({
      search: (before: MachinesSearch) => changedAddress(before, changed),
      replace: 'text' in changed,
    }).catch(() => undefined)
  }
  const open = (machine: MachineView): void => change({ machine: keyOf(machine) })
  return (
    <section className="page" aria-labelledby="title">
      <Title2 as="h1" id="title">
        {words.title}
      </Title2>
      {error ? <Failure error={error} retry={() => void refetch()} /> : null}
      {data === undefined && !error ? <Loading /> : null}
      {data?.length === 0 ? <Empty title={words.noMachine}>{words.nothingYet}</Empty> : null}
      {data && data.length > 0 ? <Listed machines={data} search={search} onChange={change} /> : null}
      {data ? <AddSection machines={data} onOpen={open} /> : null}
      <SidePane
        title={safeText(opened?.computer ?? words.machine).slice(0, 200)}
        isOpen={opened !== undefined}
        onClose={() => change({ machine: undefined })}
        testId="machine-details"
      >
        {opened ? <MachineDetails key={opened.resourceId} machine={opened} /> : null}
      </SidePane>
    </section>
  )
}

/** Open where there is no machine at first; it stays open when one comes, which it tells. */
function AddSection(props: AddMachineProps): ReactNode {
  const [isFirst] = useState(props.machines.length === 0)
  return (
    <details className="add-machine" open={isFirst}>
      <summary>{words.add}</summary>
      <AddMachine {...props} />
    </details>
  )
}

interface ListedProps {
  readonly machines: readonly MachineView[]
  readonly search: MachinesSearch
  readonly onChange: (changed: SearchChange) => void
}

function Listed({ machines, search, onChange }: ListedProps): ReactNode {
  const nowMs = useClock().nowMs()
  const [gaps, changes] = [
    useCounts('TidemarkVisibility', gapCountsQuery()),
    useCounts('ConfigurationChange', changeCountsQuery()),
  ]
  const { status, text, group } = search
  const { data: groups = [] } = useGroups()
  const members = useMembers(group)
  const shown = useMemo(
    () => matchingMachines(machines, { ...(status ? { status } : {}), ...(text ? { text } : {}) }, members.data),
    [machines, status, text, members.data],
  )
  return (
    <>
      <Counts machines={machines} />
      <search className="filters">
        <Choice
          label={words.status}
          value={status}
          values={statuses}
          onChange={(value) => onChange({ status: statuses.find((one) => one === value) })}
        />
        <Choice
          label={groupWords.group}
          value={group}
          values={groups.map(({ name }) => name)}
          onChange={(value) => onChange({ group: value })}
        />
        <TextFilter
          value={text ?? ''}
          hint={words.textHint}
          onChange={(value) => onChange({ text: value || undefined })}
        />
      </search>
      {members.error ? <Failure error={members.error} retry={() => void members.refetch()} /> : null}
      {shown.length === 0 ? (
        <Empty title={words.noMatch}>{words.noMatchHelp}</Empty>
      ) : (
        <VirtualTable
          label={words.title}
          rows={shown}
          columns={machineColumns(nowMs, { gaps, changes })}
          keyOf={keyOf}
          onOpen={(machine) => onChange({ machine: keyOf(machine) })}
          testId="machine-row"
          currentKey={search.machine}
        />
      )}
    </>
  )
}

function useCounts(table: string, text: string): ReadonlyMap<string, number> | undefined {
  return useQuery({
    queryKey: [LIVE, table, 'by machine'],
    queryFn: async ({ signal }) => {
      const { rows } = await query(text, signal)
      return new Map(rows.map((row) => [String(row['Computer']), Number(row['Count'])]))
    },
    structuralSharing: false,
  }).data
}

function Counts({ machines }: { readonly machines: readonly MachineView[] }): ReactNode {
  return (
    <p className="facts">
      {statuses.map((status) => {
        const count = machines.filter((machine) => machine.status === status).length
        return count === 0 ? null : (
          <Badge key={status} appearance="tint" color={statusColours[status]}>
            {words.counts(count, status)}
          </Badge>
        )
      })}
    </p>
  )
}
