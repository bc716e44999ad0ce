import type { MachineView } from '@tidemark/model'

import type { AgentFileStatus, TrackingStatus } from './machine-status.ts'

/** Everything that `tidemark status` looked at. */
export interface Findings {
  readonly machine: string
  readonly root: string
  readonly server:
    | {
        readonly kind: 'answers'
        readonly url: string
        readonly version: string
        readonly machines: readonly MachineView[]
      }
    | { readonly kind: 'away'; readonly reason: string }
    /** Nobody here has a token to ask it: the agent alone speaks with it, and what it heard counts. */
    | { readonly kind: 'by-agent'; readonly url: string; readonly heartbeatAgeMs: number | undefined }
  readonly agent:
    | (AgentFileStatus & {
        readonly isRunning: boolean
        /** Sockets that the agent says are open and that this machine does not have. */
        readonly socketsMissing?: readonly string[]
      })
    | undefined
  readonly tracking: (TrackingStatus & { readonly isRunning: boolean }) | undefined
  readonly trackingLog: string
}

export interface Verdict {
  readonly isHealthy: boolean
  /** One sentence each, the cause before its consequences. */
  readonly problems: readonly string[]
}

/** What is wrong, in the order in which a person would mend it. */
export function judge(findings: Findings): Verdict {
  const problems = [...serverProblems(findings), ...agentProblems(findings), ...trackingProblems(findings)]
  return { isHealthy: problems.length === 0, problems }
}

/** A machine without a heartbeat for so long is silent, in milliseconds: the server's own default. */
const HEARTBEAT_AGE_MS_MAX = 300_000

function serverProblems({ server, machine, agent }: Findings): string[] {
  if (server.kind === 'away') return [server.reason]
  if (server.kind === 'by-agent') {
    // What keeps the agent from its server is told below, once.
    if (agent?.isRunning !== true || !agent.server.isReachable) return []
    if (server.heartbeatAgeMs === undefined) return [`${server.url} has taken no heartbeat of this machine yet`]
    if (server.heartbeatAgeMs <= HEARTBEAT_AGE_MS_MAX) return []
    return [`${server.url} took the last heartbeat ${Math.round(server.heartbeatAgeMs / 60_000)} minutes ago`]
  }
  const own = server.machines.find(({ computer }) => computer === machine)
  if (own === undefined) return [`the server does not know ${machine}`]
  return own.status === 'healthy'
    ? []
    : [`the server sees this machine as ${own.status}: ${own.statusDetail || 'no heartbeat yet'}`]
}

function agentProblems({ agent, root }: Findings): string[] {
  if (agent === undefined) return [`no agent has run below ${root}`]
  if (!agent.isRunning) return [`the agent (process ${agent.pid}) is gone; its log tells why`]
  return [
    ...(agent.server.isReachable
      ? []
      : [`the agent cannot reach ${agent.server.url}: ${agent.server.lastError ?? 'not tried yet'}`]),
    ...(agent.rules.length > 0 ? [] : ['the agent has no rule: is one associated with this machine?']),
    ...agent.ruleProblems.map((problem) => `a rule is broken: ${problem}`),
    ...(agent.socketsMissing ?? []).map((name) => `the socket ${name} is gone: start the agent again`),
    ...agent.streams.flatMap(({ id, lastError, refusedCount, hasUntoldDrops }) => [
      ...(hasUntoldDrops ? [`${id}: rows were dropped, the sink has no room`] : []),
      ...(lastError ? [`${id} is not uploaded: ${lastError}`] : []),
      ...(refusedCount > 0 ? [`${id}: the server refused ${refusedCount} batches for good`] : []),
    ]),
  ]
}

function trackingProblems({ tracking, root }: Findings): string[] {
  if (tracking === undefined) return [`change tracking has not run below ${root}`]
  if (!tracking.isRunning) return [`change tracking (process ${tracking.pid}) is gone; its log tells why`]
  const failed = Object.entries(tracking.types).flatMap(([type, { lastError }]) =>
    lastError ? [`${type}: ${lastError}`] : [],
  )
  return tracking.status === 'Degraded' && failed.length === 0 && tracking.gaps.length === 0
    ? [tracking.detail]
    : failed
}
