/** A query as people write it, and what somebody who knows the store's tables would write in its place. */
export interface Pair {
  readonly kql: string
  /** `{t}` is the table, `{w}` the condition on the workspace, `{now}` the present moment. */
  readonly sql: string
}

const DAYS = (count: number): string => `TimeGenerated > {now} - INTERVAL ${count} DAY`

export const pairs: readonly Pair[] = [
  { kql: 'ConfigurationChange | count', sql: 'SELECT count() FROM {t} WHERE {w}' },
  {
    kql: 'ConfigurationChange | where TimeGenerated > ago(1d) | count',
    sql: `SELECT count() FROM {t} WHERE {w} AND ${DAYS(1)}`,
  },
  {
    kql: 'ConfigurationChange | where Computer == "web-7" and TimeGenerated > ago(7d) | project TimeGenerated, FileSystemPath',
    sql: `SELECT TimeGenerated, FileSystemPath FROM {t} WHERE {w} AND Computer = 'web-7' AND ${DAYS(7)}`,
  },
  {
    kql: 'ConfigurationChange | where Computer =~ "WEB-7" | count',
    sql: "SELECT count() FROM {t} WHERE {w} AND lower(Computer) = 'web-7'",
  },
  {
    kql: 'ConfigurationChange | where ConfigChangeType == "Files" and FileSystemPath has "app7" | summarize count() by Computer',
    sql: "SELECT Computer, count() FROM {t} WHERE {w} AND ConfigChangeType = 'Files' AND hasTokenCaseInsensitive(FileSystemPath, 'app7') GROUP BY Computer",
  },
  {
    kql: 'ConfigurationChange | where FileSystemPath contains "CONF77" | count',
    sql: "SELECT count() FROM {t} WHERE {w} AND positionCaseInsensitive(FileSystemPath, 'CONF77') > 0",
  },
  {
    kql: 'ConfigurationChange | where FileSystemPath startswith "/etc/app7/" | count',
    sql: "SELECT count() FROM {t} WHERE {w} AND startsWith(lower(FileSystemPath), '/etc/app7/')",
  },
  {
    kql: 'ConfigurationChange | where FileSystemPath startswith_cs "/etc/app7/" | count',
    sql: "SELECT count() FROM {t} WHERE {w} AND startsWith(FileSystemPath, '/etc/app7/')",
  },
  {
    kql: 'ConfigurationChange | where FileSystemPath matches regex @"/conf7\\d+\\.conf$" | count',
    sql: String.raw`SELECT count() FROM {t} WHERE {w} AND match(FileSystemPath, '/conf7\\d+\\.conf$')`,
  },
  {
    kql: 'ConfigurationChange | summarize count() by bin(TimeGenerated, 1h)',
    sql: 'SELECT toStartOfHour(TimeGenerated) AS h, count() FROM {t} WHERE {w} GROUP BY h',
  },
  {
    kql: 'ConfigurationChange | where TimeGenerated > ago(30d) | summarize count() by bin(TimeGenerated, 1d), ChangeCategory',
    sql: `SELECT toStartOfDay(TimeGenerated) AS d, ChangeCategory, count() FROM {t} WHERE {w} AND ${DAYS(30)} GROUP BY d, ChangeCategory`,
  },
  {
    kql: 'ConfigurationChange | summarize count() by startofday(TimeGenerated)',
    sql: 'SELECT toStartOfDay(TimeGenerated) AS d, count() FROM {t} WHERE {w} GROUP BY d',
  },
  {
    kql: 'ConfigurationChange | summarize Changes = count(), Machines = dcount(Computer), Last = max(TimeGenerated) by ConfigChangeType',
    sql: 'SELECT ConfigChangeType, count(), uniqExact(Computer), max(TimeGenerated) FROM {t} WHERE {w} GROUP BY ConfigChangeType',
  },
  {
    kql: 'ConfigurationChange | summarize arg_max(TimeGenerated, SvcState, SvcStartupType) by Computer, SvcName',
    sql: 'SELECT Computer, SvcName, argMax(tuple(TimeGenerated, SvcState, SvcStartupType), TimeGenerated) FROM {t} WHERE {w} GROUP BY Computer, SvcName',
  },
  {
    kql: 'ConfigurationChange | where ConfigChangeType == "Daemons" | summarize arg_max(TimeGenerated, *) by Computer, SvcName | where SvcState == "Stopped" | project Computer, SvcName, TimeGenerated',
    sql: "SELECT Computer, SvcName, t.1 FROM (SELECT Computer, SvcName, argMax(tuple(TimeGenerated, SvcState), TimeGenerated) AS t FROM {t} WHERE {w} AND ConfigChangeType = 'Daemons' GROUP BY Computer, SvcName) WHERE t.2 = 'Stopped'",
  },
  {
    kql: 'ConfigurationChange | where Size > 5000 | summarize avg(Size), percentile(Size, 95) by Computer',
    sql: 'SELECT Computer, avg(Size), quantileExact(0.95)(Size) FROM {t} WHERE {w} AND Size > 5000 GROUP BY Computer',
  },
  {
    kql: 'ConfigurationChange | top 20 by TimeGenerated | project TimeGenerated, Computer, ConfigChangeType',
    sql: 'SELECT TimeGenerated, Computer, ConfigChangeType FROM {t} WHERE {w} ORDER BY TimeGenerated DESC LIMIT 20',
  },
  {
    kql: 'ConfigurationChange | distinct Computer, ConfigChangeType',
    sql: 'SELECT DISTINCT Computer, ConfigChangeType FROM {t} WHERE {w}',
  },
  {
    kql: 'ConfigurationChange | where ChangeCategory in ("Added", "Removed") and SoftwareName != "" | summarize Machines = make_set(Computer) by SoftwareName',
    sql: "SELECT SoftwareName, groupUniqArray(Computer) FROM {t} WHERE {w} AND ChangeCategory IN ('Added', 'Removed') AND SoftwareName != '' GROUP BY SoftwareName",
  },
  {
    kql: 'ConfigurationChange | where TimeGenerated > ago(7d) | join kind=inner (ConfigurationChange | summarize n = count() by Computer) on Computer | summarize sum(n) by ConfigChangeType',
    sql: `SELECT ConfigChangeType, sum(n) FROM (SELECT Computer, ConfigChangeType FROM {t} WHERE {w} AND ${DAYS(7)}) AS l INNER JOIN (SELECT Computer, count() AS n FROM {t} WHERE {w} GROUP BY Computer) AS r ON l.Computer = r.Computer GROUP BY ConfigChangeType`,
  },
]
