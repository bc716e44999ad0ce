import { Badge } from '@fluentui/react-components'
import type { MachineView } from '@tidemark/model'

import { agoText, bytesText, safeText, timeText } from '../view/text.ts'
import type { TableColumn } from '../view/virtual-table.tsx'

/** What a status looks like. */
export const statusColours = {
  healthy: 'success',
  degraded: 'warning',
  silent: 'danger',
  new: 'informative',
} as const

/** The columns of the table of machines, with ages as of a moment. */
export function machineColumns(nowMs: number): readonly TableColumn<MachineView>[] {
  const text = (title: string, width: string, told: (machine: MachineView) => string): TableColumn<MachineView> => ({
    title,
    width,
    cell: (machine) => <span title={safeText(told(machine))}>{safeText(told(machine))}</span>,
    isMinor: true,
  })
  return [
    { ...text('Machine', 'minmax(100px, 1.5fr)', ({ computer }) => computer), isMinor: false },
    {
      title: 'Status',
      width: '100px',
      cell: ({ status, statusDetail }) => (
        <Badge color={statusColours[status]} title={safeText(statusDetail)}>
          {status}
        </Badge>
      ),
    },
    { ...text('Heartbeat', '100px', (machine) => heartbeatText(machine, nowMs)), isMinor: false },
    text('Agent', '80px', ({ agentVersion }) => agentVersion),
    text('Change tracking', 'minmax(120px, 2fr)', extensionText),
    text('Rules', 'minmax(90px, 1fr)', ({ rules }) => rules.join(', ')),
    text('Waiting', '80px', ({ backlogBytes }) => bytesText(backlogBytes)),
    text('System', 'minmax(100px, 1.3fr)', ({ osName, osVersion }) => `${osName} ${osVersion}`.trim()),
    text('Addresses', 'minmax(90px, 1.3fr)', ({ addresses }) => addresses.join(', ')),
  ]
}

/** All that is known of a machine, name and value. */
export function machineFacts(machine: MachineView, nowMs: number): (readonly [string, string])[] {
  return [
    ['Machine', machine.computer],
    ['Status', [machine.status, machine.statusDetail].filter((text) => text !== '').join(': ')],
    ['Last heartbeat', `${heartbeatText(machine, nowMs)} ${timeText(machine.lastHeartbeatAt)}`.trim()],
    ['Known since', timeText(machine.registeredAt)],
    ['Agent', machine.agentVersion],
    ['Change tracking', extensionText(machine)],
    ['Rules', machine.rules.join(', ')],
    ['Waiting to be sent', bytesText(machine.backlogBytes)],
    ['System', `${machine.osName} ${machine.osVersion}`.trim()],
    ['Addresses', machine.addresses.join(', ')],
    ['Resource', machine.resourceId],
    ['Computer id', machine.sourceComputerId],
  ]
}

function heartbeatText({ lastHeartbeatAt }: MachineView, nowMs: number): string {
  return lastHeartbeatAt === null ? 'none yet' : `${agoText(lastHeartbeatAt, nowMs)} ago`
}

function extensionText({ extensionVersion, extensionStatus }: MachineView): string {
  return `${extensionVersion} ${extensionStatus}`.trim()
}
