import { DATABASE } from '../clickhouse/schema.ts'
import type { RowStore } from '../ports.ts'
import type { Heartbeat } from './machine-view.ts'

/** The last heartbeat of each machine, by its ARM id in lower case. */
export async function latestHeartbeats(
  store: RowStore,
  workspaceIds: readonly string[],
): Promise<ReadonlyMap<string, Heartbeat>> {
  const columns = [
    'Version',
    'ExtensionVersion',
    'ExtensionStatus',
    'OSName',
    'OSMajorVersion',
    'ComputerPrivateIPs',
    'BacklogBytes',
    'RuleVersions',
  ]
  const latest = columns.map((column) => `argMax(\`${column}\`, TimeGenerated)`)
  const rows = await store.select({
    sql: `SELECT lower(_ResourceId), toUnixTimestamp64Milli(max(TimeGenerated)), ${latest.join(', ')} FROM ${DATABASE}.Heartbeat WHERE has(splitByChar(',', {workspaces:String}), TenantId) GROUP BY lower(_ResourceId)`,
    parameters: { workspaces: workspaceIds.join(',') },
    timeMsMax: 10_000,
  })
  return new Map(
    rows.map(
      ([resource, atMs, agent, extensionVersion, extensionStatus, osName, osVersion, addresses, backlog, versions]) => [
        String(resource),
        {
          atMs: Number(atMs),
          agentVersion: String(agent),
          extensionVersion: String(extensionVersion),
          extensionStatus: String(extensionStatus),
          osName: String(osName),
          osVersion: String(osVersion),
          addresses: addressesOf(addresses),
          backlogBytes: Number(backlog ?? 0),
          ruleVersions: versionsOf(versions),
        },
      ],
    ),
  )
}

/** Immutable id to eTag, as the agent says them. */
function versionsOf(text: unknown): ReadonlyMap<string, string> {
  try {
    const read: unknown = JSON.parse(String(text))
    return new Map(Object.entries(read ?? {}).map(([id, eTag]) => [id, String(eTag)]))
  } catch {
    return new Map()
  }
}

function addressesOf(text: unknown): string[] {
  try {
    const read: unknown = JSON.parse(String(text))
    return Array.isArray(read) ? read.map(String) : []
  } catch {
    return []
  }
}
