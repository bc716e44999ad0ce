import { Counter, Gauge, Registry } from 'prom-client'

import type { AgentStatus } from '../status/status.ts'
import { parseStreamId } from '@tidemark/model'

/** The figures of a status as Prometheus reads them (text format 0.0.4). Each question makes them anew. */
export async function metricsText(status: AgentStatus, nowMs: number, residentBytes: number): Promise<string> {
  const registry = new Registry()
  const gauge = (name: string, help: string, value: number): void =>
    new Gauge({ name, help, registers: [registry] }).set(value)
  gauge('tidemark_agent_start_time_seconds', 'When the agent was started, since 1970.', seconds(status.startedAt))
  gauge('tidemark_agent_resident_bytes', 'Memory of the agent.', residentBytes)
  gauge(
    'tidemark_agent_server_reachable',
    'Whether the last question for rules was answered.',
    status.server.isReachable ? 1 : 0,
  )
  gauge('tidemark_agent_rules', 'Rules in force.', status.rules.length)
  gauge('tidemark_agent_rule_problems', 'Rules, or parts of them, that are broken.', status.ruleProblems.length)
  gauge('tidemark_agent_connections', 'Connections of extensions.', status.connections)
  if (status.lastHeartbeatAt !== undefined) {
    const name = 'tidemark_agent_heartbeat_age_seconds'
    gauge(name, 'How long ago the server took a heartbeat.', nowMs / 1_000 - seconds(status.lastHeartbeatAt))
  }
  new Counter({
    name: 'tidemark_agent_refused_messages_total',
    help: 'Messages of extensions that were not taken.',
    registers: [registry],
  }).inc(status.refusedMessages)
  streamMetrics(registry, status, nowMs)
  return await registry.metrics()
}

function streamMetrics(registry: Registry, status: AgentStatus, nowMs: number): void {
  const labelNames = ['rule', 'source', 'type'] as const
  const of = (name: string, help: string) =>
    new Gauge({ name: `tidemark_agent_stream_${name}`, help, labelNames, registers: [registry] })
  const backlog = of('backlog_bytes', 'Bytes that some destination does not have yet.')
  const stored = of('stored_bytes', 'Bytes on disk.')
  const age = of('oldest_age_seconds', 'How long ago the oldest row that waits was taken; 0 where none waits.')
  const failing = of('failing', 'Whether the last upload, or the disk, failed.')
  const refused = new Counter({
    name: 'tidemark_agent_stream_refused_batches_total',
    help: 'Batches that the server refused for good.',
    labelNames,
    registers: [registry],
  })
  for (const { id, backlogBytes, storedBytes, oldestAt, lastError, refusedCount } of status.streams) {
    const parts = parseStreamId(id)
    if (parts === undefined) continue
    const labels = { rule: parts.dcr, source: parts.dataSource, type: parts.dataType }
    backlog.set(labels, backlogBytes)
    stored.set(labels, storedBytes)
    age.set(labels, oldestAt === undefined ? 0 : Math.max(0, nowMs / 1_000 - seconds(oldestAt)))
    failing.set(labels, lastError === undefined ? 0 : 1)
    refused.inc(labels, refusedCount)
  }
}

function seconds(moment: string): number {
  return Date.parse(moment) / 1_000
}
