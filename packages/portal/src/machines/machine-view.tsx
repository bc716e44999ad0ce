import { Badge } from '@fluentui/react-components'
import type { MachineView } from '@tidemark/model'
import type { ReactNode } from 'react'

import { textIn } from '../view/address.ts'
import { utcText } from '../view/moment.tsx'
import { agoText, bytesText, safeText, timeText } from '../view/text.ts'
import type { TableColumn } from '../view/virtual-table.tsx'
import { machineWords as words } from '../words/machines.ts'

/** What a status looks like. */
export const statusColours = {
  healthy: 'success',
  degraded: 'warning',
  silent: 'danger',
  new: 'informative',
  revoked: 'severe',
} as const

/** The statuses in the order in which they need attention. */
export const statuses = [
  'silent',
  'degraded',
  'new',
  'healthy',
  'revoked',
] as const satisfies readonly MachineView['status'][]

/** What the page shows, as it stands in its address. */
export interface MachinesSearch {
  readonly status?: MachineView['status']
  readonly text?: string
  /** The name of a machine group. */
  readonly group?: string
  /** The resource id of the one that is open beside the table. */
  readonly machine?: string
}

/** Reads the address; what cannot be understood is left out. */
export function parseMachinesSearch(search: Readonly<Record<string, unknown>>): MachinesSearch {
  const status = statuses.find((one) => one === search['status'])
  const [text, group, machine] = [textIn(search['text']), textIn(search['group']), textIn(search['machine'])]
  return {
    ...(status === undefined ? {} : { status }),
    ...(text === undefined ? {} : { text }),
    ...(group === undefined ? {} : { group }),
    ...(machine === undefined ? {} : { machine }),
  }
}

/** The machines that the filters let through; `members` are names in lower case, those of a group. */
export function matchingMachines(
  machines: readonly MachineView[],
  { status, text }: MachinesSearch,
  members?: ReadonlySet<string>,
): readonly MachineView[] {
  const wanted = text?.toLowerCase()
  const facts = ({ computer, osName, osVersion, addresses, rules, statusDetail }: MachineView): string =>
    [computer, osName, osVersion, statusDetail, ...addresses, ...rules].join('\n').toLowerCase()
  return machines.filter(
    (machine) =>
      (status === undefined || machine.status === status) &&
      (members === undefined || members.has(machine.computer.toLowerCase())) &&
      (wanted === undefined || facts(machine).includes(wanted)),
  )
}

/** What the store tells beside the machines themselves, by the name of the machine. */
export interface MachineCounts {
  readonly gaps: ReadonlyMap<string, number> | undefined
  readonly changes: ReadonlyMap<string, number> | undefined
}

/** The columns of the table of machines, with ages as of a moment. */
export function machineColumns(nowMs: number, counts: MachineCounts): readonly TableColumn<MachineView>[] {
  const text = (title: string, width: string, told: (machine: MachineView) => string): TableColumn<MachineView> => ({
    id: title,
    title,
    width,
    cell: (machine) => <span title={safeText(told(machine))}>{safeText(told(machine))}</span>,
    isMinor: true,
  })
  const count = (title: string, found: ReadonlyMap<string, number> | undefined): TableColumn<MachineView> => ({
    id: title,
    title,
    width: '120px',
    isMinor: true,
    isNumber: true,
    cell: ({ computer }) => (found ? (found.get(computer) ?? 0).toLocaleString() : ''),
  })
  return [
    { ...text(words.machine, 'minmax(90px, 2.6fr)', ({ computer }) => computer), isMinor: false },
    {
      id: 'status',
      title: words.status,
      width: '100px',
      cell: ({ status, statusDetail }) => (
        <Badge color={statusColours[status]} title={safeText(statusDetail)}>
          {status}
        </Badge>
      ),
    },
    {
      id: 'seen',
      title: words.lastSeen,
      width: '104px',
      cell: (machine) => <LastSeen machine={machine} nowMs={nowMs} />,
    },
    count(words.changesADay, counts.changes),
    count(words.gaps, counts.gaps),
    { ...text(words.backlog, '88px', ({ backlogBytes }) => bytesText(backlogBytes)), isNumber: true },
    text(words.agent, '80px', ({ agentVersion }) => agentVersion),
    text(words.extension, 'minmax(110px, 1.6fr)', extensionText),
    text(words.rules, 'minmax(90px, 1fr)', ({ rules }) => rules.join(', ')),
    text(words.system, 'minmax(100px, 1.3fr)', ({ osName, osVersion }) => `${osName} ${osVersion}`.trim()),
  ]
}

function LastSeen({
  machine: { lastHeartbeatAt },
  nowMs,
}: {
  readonly machine: MachineView
  readonly nowMs: number
}): ReactNode {
  if (lastHeartbeatAt === null) return words.none
  return (
    <time dateTime={lastHeartbeatAt} title={`${timeText(lastHeartbeatAt)}\n${utcText(lastHeartbeatAt)}`}>
      {words.ago(agoText(lastHeartbeatAt, nowMs))}
    </time>
  )
}

/** All that is known of a machine, name and value. */
export function machineFacts(machine: MachineView, nowMs: number): (readonly [string, string])[] {
  const { lastHeartbeatAt } = machine
  const seen = lastHeartbeatAt === null ? words.none : words.ago(agoText(lastHeartbeatAt, nowMs))
  return [
    [words.machine, machine.computer],
    [words.status, [machine.status, machine.statusDetail].filter((text) => text !== '').join(': ')],
    [words.lastHeartbeat, `${seen} ${timeText(lastHeartbeatAt)}`.trim()],
    [words.knownSince, timeText(machine.registeredAt)],
    [words.agent, machine.agentVersion],
    [words.extension, extensionText(machine)],
    [words.rules, machine.rules.join(', ')],
    ...standing(machine),
    [words.backlog, bytesText(machine.backlogBytes)],
    [words.system, `${machine.osName} ${machine.osVersion}`.trim()],
    [words.addresses, machine.addresses.join(', ')],
    [words.resource, machine.resourceId],
    [words.computerId, machine.sourceComputerId],
  ]
}

/** What only some machines have: revoked, or copied. */
function standing({ revokedAt, revokedBy, revokedReason, cloneSeenAt }: MachineView): (readonly [string, string])[] {
  const by = [revokedBy, revokedReason].filter(Boolean).join(': ')
  return [
    ...(revokedAt === null ? [] : [[words.revoked, `${timeText(revokedAt)} ${by}`.trim()] as const]),
    ...(cloneSeenAt === null ? [] : [[words.copySeen, timeText(cloneSeenAt)] as const]),
  ]
}

function extensionText({ extensionVersion, extensionStatus }: MachineView): string {
  return `${extensionVersion} ${extensionStatus}`.trim()
}
