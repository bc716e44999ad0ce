import { quoted } from '../fleet/words.ts'

/** A question in KQL and the SQL that somebody who knows the store would write for it. */
export interface Pair {
  readonly kql: string
  readonly sql: string
}

/** Questions of each shape that pages ask: rows, counts by columns, by time, of the derived tables. */
export function handWritten(of: {
  readonly workspaceId: string
  readonly nowMs: number
  readonly machine: string
}): Pair[] {
  const tenant = `TenantId = ${quoted(of.workspaceId)}`
  const day = new Date(of.nowMs - 86_400_000).toISOString()
  const since = `TimeGenerated >= parseDateTime64BestEffort('${day}', 7, 'UTC')`
  const changes = `ConfigurationChange | where TimeGenerated >= datetime(${day})`
  const from = `FROM tidemark.ConfigurationChange WHERE ${tenant} AND ${since}`
  return [
    {
      kql: `${changes} | summarize Count = count() by ConfigChangeType, ChangeCategory`,
      sql: `SELECT ConfigChangeType, ChangeCategory, count() ${from} GROUP BY 1, 2`,
    },
    {
      kql: `${changes} | summarize Count = count() by bin(TimeGenerated, 1h)`,
      sql: `SELECT toStartOfHour(TimeGenerated), count() ${from} GROUP BY 1`,
    },
    {
      kql: `${changes} | summarize Count = count() by Computer | top 100 by Count`,
      sql: `SELECT Computer, count() AS n ${from} GROUP BY 1 ORDER BY n DESC LIMIT 100`,
    },
    {
      kql: `${changes} | project TimeGenerated, Computer, FileSystemPath, FieldsChanged | top 5000 by TimeGenerated`,
      sql: `SELECT TimeGenerated, Computer, FileSystemPath, FieldsChanged ${from} ORDER BY TimeGenerated DESC LIMIT 5000`,
    },
    {
      kql: `${changes} | where FileSystemPath contains "nginx" | count`,
      sql: `SELECT count() ${from} AND FileSystemPath ILIKE '%nginx%'`,
    },
    {
      kql: `${changes} | where Computer == "${of.machine}" | count`,
      sql: `SELECT count() ${from} AND Computer = ${quoted(of.machine)}`,
    },
    {
      kql: 'TidemarkChangeHour | summarize Count = sum(Count) by ConfigChangeType',
      sql: `SELECT ConfigChangeType, sum(Count) FROM tidemark.TidemarkChangeHour WHERE ${tenant} GROUP BY 1`,
    },
    {
      kql: 'TidemarkItem | where ConfigDataType == "Software" | project SoftwareName, CurrentVersion, Machines | top 1000 by SoftwareName asc',
      sql: `SELECT SoftwareName, CurrentVersion, Machines FROM tidemark.TidemarkItem WHERE ${tenant} AND ConfigDataType = 'Software' ORDER BY SoftwareName LIMIT 1000`,
    },
  ]
}
