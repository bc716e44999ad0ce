import type { AgentStatus } from '../status/status.ts'

/** Whether the agent does its work, and what keeps it from it, one sentence each. */
export interface Health {
  readonly isHealthy: boolean
  readonly problems: readonly string[]
}

/** How old a heartbeat may be before something is wrong, in intervals. */
const HEARTBEATS_MISSED_MAX = 3

/** What is wrong with an agent by what it says of itself. A server that is away is a problem: what is collected waits. */
export function healthOf(status: AgentStatus, facts: { readonly nowMs: number; readonly heartbeatMs: number }): Health {
  const { server, streams, rules, ruleProblems, lastHeartbeatAt, startedAt } = status
  const silentMs = facts.nowMs - Date.parse(lastHeartbeatAt ?? startedAt)
  const problems = [
    ...(server.isReachable ? [] : [`${server.url} does not answer: ${server.lastError ?? 'not asked yet'}`]),
    ...(rules.length > 0 ? [] : ['no rule is in force']),
    ...ruleProblems,
    ...(silentMs > HEARTBEATS_MISSED_MAX * facts.heartbeatMs
      ? [`the server has taken no heartbeat for ${Math.round(silentMs / 1_000)} s`]
      : []),
    ...streams.flatMap(({ id, lastError }) => (lastError === undefined ? [] : [`${id}: ${lastError}`])),
    ...streams.flatMap(({ id, hasUntoldDrops }) => (hasUntoldDrops ? [`${id}: rows were dropped`] : [])),
  ]
  return { isHealthy: problems.length === 0, problems }
}
