import type { MachineView } from '@tidemark/model'

import type { KnownMachine } from './machines.ts'

/** The last heartbeat of a machine. */
export interface Heartbeat {
  readonly atMs: number
  readonly agentVersion: string
  readonly extensionVersion: string
  readonly extensionStatus: string
  readonly osName: string
  readonly osVersion: string
  readonly addresses: readonly string[]
  readonly backlogBytes: number
}

/** A machine as people see it. */
export function machineView(
  machine: KnownMachine,
  facts: {
    readonly heartbeat: Heartbeat | undefined
    readonly rules: readonly string[]
    readonly nowMs: number
    readonly silentAfterMs: number
  },
): MachineView {
  const { heartbeat, rules } = facts
  return {
    computer: machine.computer,
    resourceId: machine.resourceId,
    sourceComputerId: machine.sourceComputerId,
    registeredAt: new Date(machine.registeredMs).toISOString(),
    lastHeartbeatAt: heartbeat === undefined ? null : new Date(heartbeat.atMs).toISOString(),
    ...health(facts),
    agentVersion: heartbeat?.agentVersion ?? '',
    extensionVersion: heartbeat?.extensionVersion ?? '',
    extensionStatus: heartbeat?.extensionStatus ?? '',
    osName: heartbeat?.osName ?? '',
    osVersion: heartbeat?.osVersion ?? '',
    addresses: heartbeat?.addresses ?? [],
    rules,
    backlogBytes: heartbeat?.backlogBytes ?? 0,
  }
}

function health({
  heartbeat,
  nowMs,
  silentAfterMs,
}: {
  readonly heartbeat: Heartbeat | undefined
  readonly nowMs: number
  readonly silentAfterMs: number
}): Pick<MachineView, 'status' | 'statusDetail'> {
  if (heartbeat === undefined) return { status: 'new', statusDetail: 'no heartbeat yet: is its agent running?' }
  const silentMs = nowMs - heartbeat.atMs
  if (silentMs > silentAfterMs)
    return {
      status: 'silent',
      statusDetail: `no heartbeat for ${Math.round(silentMs / 60_000)} minutes: is the machine up, and its agent?`,
    }
  if (heartbeat.extensionVersion === '')
    return { status: 'degraded', statusDetail: 'change tracking does not report to the agent' }
  const [word = '', ...rest] = heartbeat.extensionStatus.split(': ')
  return word === 'Degraded'
    ? { status: 'degraded', statusDetail: rest.join(': ') }
    : { status: 'healthy', statusDetail: '' }
}

const ORDER: readonly MachineView['status'][] = ['silent', 'new', 'degraded', 'healthy']

/** Those that need attention first, then by name. */
export function byAttention(one: MachineView, other: MachineView): number {
  return ORDER.indexOf(one.status) - ORDER.indexOf(other.status) || (one.computer < other.computer ? -1 : 1)
}
