import { Badge, Title2 } from '@fluentui/react-components'
import type { MachineView } from '@tidemark/model'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'

import { machines } from '../api/client.ts'
import { Empty, Failure, Loading } from '../view/states.tsx'
import { agoText, safeText } from '../view/text.ts'
import { type TableColumn, VirtualTable } from '../view/virtual-table.tsx'

/** How often ages are told anew, in milliseconds. */
const REFRESH_MS = 10_000

const colours = { healthy: 'success', degraded: 'warning', silent: 'danger', new: 'informative' } as const

const columns: readonly TableColumn<MachineView>[] = [
  { title: 'Machine', width: 'minmax(100px, 1fr)', cell: ({ computer }) => safeText(computer) },
  {
    title: 'Status',
    width: '110px',
    cell: ({ status, statusDetail }) => (
      <span title={safeText(statusDetail)}>
        <Badge color={colours[status]}>{status}</Badge>
      </span>
    ),
  },
  {
    title: 'Heartbeat',
    width: '110px',
    cell: ({ lastHeartbeatAt }) =>
      lastHeartbeatAt === null ? 'none yet' : `${agoText(lastHeartbeatAt, Date.now())} ago`,
    isMinor: true,
  },
  { title: 'Agent', width: '80px', cell: ({ agentVersion }) => agentVersion, isMinor: true },
  {
    title: 'Change tracking',
    width: 'minmax(130px, 2fr)',
    cell: ({ extensionVersion, extensionStatus }) => (
      <span title={safeText(extensionStatus)}>{safeText(`${extensionVersion} ${extensionStatus}`)}</span>
    ),
    isMinor: true,
  },
  {
    title: 'System',
    width: 'minmax(100px, 1fr)',
    cell: ({ osName, osVersion }) => safeText(`${osName} ${osVersion}`),
    isMinor: true,
  },
  { title: 'Rules', width: 'minmax(100px, 1fr)', cell: ({ rules }) => safeText(rules.join(', ')), isMinor: true },
  {
    title: 'Waiting',
    width: '90px',
    cell: ({ backlogBytes }) => `${Math.ceil(backlogBytes / 1_024)} KiB`,
    isMinor: true,
  },
]

/** *Machines*: who reports, with which versions, and how it goes. Those that need attention come first. */
export function MachinesPage(): ReactNode {
  const { data, error, refetch } = useQuery({
    queryKey: ['live', 'machines'],
    queryFn: machines,
    refetchInterval: REFRESH_MS,
  })
  return (
    <section className="page" aria-labelledby="title">
      <Title2 as="h1" id="title">
        Machines
      </Title2>
      {error ? <Failure error={error} retry={() => void refetch()} /> : null}
      {data === undefined && !error ? <Loading /> : null}
      {data?.length === 0 ? (
        <Empty title="No machine yet">
          <code>tidemark up</code> on a machine starts its agent and makes it known here.
        </Empty>
      ) : null}
      {data && data.length > 0 ? (
        <VirtualTable
          label="Machines"
          rows={data}
          columns={columns}
          keyOf={({ resourceId }) => resourceId}
          testId="machine-row"
        />
      ) : null}
      {data
        ?.filter(({ statusDetail }) => statusDetail !== '')
        .slice(0, 20)
        .map(({ resourceId, computer, statusDetail }) => (
          <p key={resourceId} className="note">
            {safeText(computer)}: {safeText(statusDetail)}
          </p>
        ))}
    </section>
  )
}
