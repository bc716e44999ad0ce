import type { MachineView } from '@tidemark/model'

import type { Revocation } from '../enrolment/standing.ts'
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
  /** Immutable id of a rule to its eTag. */
  readonly ruleVersions: ReadonlyMap<string, string>
}

export interface MachineFacts {
  readonly heartbeat: Heartbeat | undefined
  /** Those associated with it. */
  readonly rules: readonly { readonly name: string; readonly immutableId: string; readonly etag: string }[]
  readonly revocation: Revocation | undefined
  readonly cloneSeenMs: number | undefined
  readonly nowMs: number
  readonly silentAfterMs: number
}

/** How long a copy that was refused is told as trouble, in milliseconds: a week. */
export const CLONE_TOLD_MS = 7 * 86_400_000

/** A machine as people see it. */
export function machineView(machine: KnownMachine, facts: MachineFacts): MachineView {
  const { heartbeat, rules, revocation, cloneSeenMs } = facts
  return {
    computer: machine.computer,
    resourceId: machine.resourceId,
    sourceComputerId: machine.sourceComputerId,
    registeredAt: new Date(machine.registeredMs).toISOString(),
    lastHeartbeatAt: momentOf(heartbeat?.atMs),
    ...health(facts),
    agentVersion: heartbeat?.agentVersion ?? '',
    extensionVersion: heartbeat?.extensionVersion ?? '',
    extensionStatus: heartbeat?.extensionStatus ?? '',
    osName: heartbeat?.osName ?? '',
    osVersion: heartbeat?.osVersion ?? '',
    addresses: heartbeat?.addresses ?? [],
    rules: rules.map(({ name }) => name),
    rulesInForce: [...(heartbeat?.ruleVersions ?? [])].map(([immutableId, eTag]) => {
      const rule = rules.find((one) => one.immutableId === immutableId)
      return { immutableId, eTag, name: rule?.name ?? '', isCurrent: rule?.etag.replaceAll('"', '') === eTag }
    }),
    backlogBytes: heartbeat?.backlogBytes ?? 0,
    revokedAt: momentOf(revocation?.atMs),
    revokedBy: revocation?.who ?? null,
    revokedReason: revocation?.reason ?? null,
    cloneSeenAt: momentOf(cloneSeenMs),
  }
}

function momentOf(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString()
}

function health(facts: MachineFacts): Pick<MachineView, 'status' | 'statusDetail'> {
  const { heartbeat, revocation, cloneSeenMs, nowMs, silentAfterMs } = facts
  if (revocation !== undefined) {
    const why = revocation.reason === '' ? '' : `: ${revocation.reason}`
    const by = revocation.who === '' ? '' : ` by ${revocation.who}`
    const statusDetail = `nothing is taken from it since ${momentOf(revocation.atMs)}${by}${why}`
    return { status: 'revoked', statusDetail }
  }
  if (heartbeat === undefined) return { status: 'new', statusDetail: 'no heartbeat yet: is its agent running?' }
  const silentMs = nowMs - heartbeat.atMs
  if (silentMs > silentAfterMs)
    return {
      status: 'silent',
      statusDetail: `no heartbeat for ${Math.round(silentMs / 60_000)} minutes: is the machine up, and its agent?`,
    }
  if (cloneSeenMs !== undefined && nowMs - cloneSeenMs < CLONE_TOLD_MS)
    return {
      status: 'degraded',
      statusDetail: `a second machine came with its key at ${momentOf(cloneSeenMs)} and was refused: a copy of it, or this one, set back`,
    }
  if (heartbeat.extensionVersion === '')
    return { status: 'degraded', statusDetail: 'change tracking does not report to the agent' }
  const [word = '', ...rest] = heartbeat.extensionStatus.split(': ')
  return word === 'Degraded'
    ? { status: 'degraded', statusDetail: rest.join(': ') }
    : { status: 'healthy', statusDetail: '' }
}

const ORDER: readonly MachineView['status'][] = ['silent', 'new', 'degraded', 'healthy', 'revoked']

/** Those that need attention first, then by name. */
export function byAttention(one: MachineView, other: MachineView): number {
  return ORDER.indexOf(one.status) - ORDER.indexOf(other.status) || (one.computer < other.computer ? -1 : 1)
}
