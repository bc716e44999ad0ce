import { Badge, Title2 } from '@fluentui/react-components'
import type { MachineView } from '@tidemark/model'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'

import { useClock } from '../view/clock.ts'
import { Facts, SidePane } from '../view/side-pane.tsx'
import { Empty, Failure, Loading } from '../view/states.tsx'
import { VirtualTable } from '../view/virtual-table.tsx'
import { machineColumns, machineFacts, statusColours } from './machine-view.tsx'
import { useMachines } from './use-machines.ts'

const keyOf = ({ resourceId }: MachineView): string => resourceId

/** *Machines*: who reports, with which versions, and how it goes. Those that need attention come first. */
export function MachinesPage(): ReactNode {
  const { data, error, refetch } = useMachines()
  const search = useSearch({ from: '/machines' })
  const navigate = useNavigate({ from: '/machines' })
  const nowMs = useClock().nowMs()
  const opened = data?.find(({ resourceId }) => resourceId === search.machine)
  const open = (machine: string | undefined): void => {
    navigate({ search: machine === undefined ? {} : { machine } }).catch(() => undefined)
  }
  return (
    <section className="page" aria-labelledby="title">
      <Title2 as="h1" id="title">
        Machines
      </Title2>
      {error ? <Failure error={error} retry={() => void refetch()} /> : null}
      {data === undefined && !error ? <Loading /> : null}
      {data?.length === 0 ? (
        <Empty title="No machine yet">
          Run <code>npx tidemark up</code> on a machine: it starts its agent and makes it known here.
        </Empty>
      ) : null}
      {data && data.length > 0 ? (
        <>
          <Counts machines={data} />
          <VirtualTable
            label="Machines"
            rows={data}
            columns={machineColumns(nowMs)}
            keyOf={keyOf}
            onOpen={(machine) => open(keyOf(machine))}
            testId="machine-row"
          />
        </>
      ) : null}
      <SidePane title="Machine" isOpen={opened !== undefined} onClose={() => open(undefined)} testId="machine-details">
        {opened ? <Facts facts={machineFacts(opened, nowMs)} /> : null}
      </SidePane>
    </section>
  )
}

function Counts({ machines }: { readonly machines: readonly MachineView[] }): ReactNode {
  const statuses = ['silent', 'degraded', 'new', 'healthy'] as const
  return (
    <p className="facts">
      {statuses.map((status) => {
        const count = machines.filter((machine) => machine.status === status).length
        return count === 0 ? null : (
          <Badge key={status} appearance="tint" color={statusColours[status]}>
            {count} {status}
          </Badge>
        )
      })}
    </p>
  )
}
