import { countBy, DAY, distinctOf, type Published, textOf, timeOf } from './world.ts'

const filesOf = (row: Readonly<Record<string, unknown>>): boolean => row['ConfigChangeType'] === 'Files'

/** Older and rarer ways of writing, and what has to be refused. */
export const languageQueries: readonly Published[] = [
  { text: 'ConfigurationChange | limit 7 | count', rows: () => [[7]] },
  { text: 'ConfigurationChange | summarize makeset(Computer) | project array_length(set_Computer)', rows: () => [[4]] },
  {
    text: 'ConfigurationChange | where isnotempty(FileSystemPath) | summarize makelist(Size) | project array_length(list_Size)',
    rows: ({ changes }) => [[changes.filter(filesOf).length]],
  },
  {
    text: 'ConfigurationChange | summarize argmax(TimeGenerated, Computer)',
    columns: 'max_TimeGenerated:datetime max_TimeGenerated_Computer:string',
    rows: () => [['2026-03-10T11:59:30.0000000Z', 'web-1']],
  },
  {
    text: 'ConfigurationChange | where FileSystemPath !has "etc" and isnotempty(FileSystemPath) | project c=Computer, p=FileSystemPath | summarize n=count() by p',
    rows: ({ changes }) =>
      countBy(
        changes.filter((row) => textOf(row, 'FileSystemPath').startsWith('/opt')),
        'FileSystemPath',
      ),
  },
  { text: 'ConfigurationChange | where Computer == "WEB-1" | count', rows: () => [[0]] },
  { text: 'ConfigurationChange | where Computer =~ "WEB-1" | count', rows: () => [[30]] },
  {
    text: 'ConfigurationChange\n\n| extend Old = iff(isnull(PreviousSize), -1, PreviousSize)\n\n// comments and blank lines\n| where Old == -1 and ConfigChangeType == "Files" // at the end too\n| count\n',
    rows: ({ changes }) => [[changes.filter((row) => filesOf(row) && row['PreviousSize'] === null).length]],
  },
  {
    text: "ConfigurationChange | extend ['a b'] = toint(Size), [\"c\"] = tostring(Size) | where ['a b'] > 200 and isnotempty([\"c\"]) | summarize n = count() by ['Type Name'] = ['ConfigChangeType']",
    columns: 'Type Name:string n:long',
    rows: ({ changes }) => [['Files', changes.filter((row) => Number(row['Size']) > 200).length]],
  },
  {
    text: 'print v = @"C:\\Temp\\x", h = h"hidden", m = ```two\nlines```, s = \'it\'\'s\' | project strlen(v), h, m, s',
    rows: () => [[9, 'hidden', 'two\nlines', 'its']],
  },
  {
    text: 'print v = @"C:\\Temp\\x", h = h"hidden", m = ```two\nlines``` | project strlen(v), h, m',
    rows: () => [[9, 'hidden', 'two\nlines']],
  },
  {
    text: 'set query_take_max_records=100; set notruncation;\nConfigurationChange | where TimeGenerated > ago(7d) | count;',
    rows: ({ changes, nowMs }) => [[changes.filter((row) => timeOf(row) > nowMs - 7 * DAY).length]],
  },
  {
    text: 'union withsource=TableName Configuration* | summarize count() by TableName',
    rows: ({ changes, inventory }) => [
      ['ConfigurationChange', changes.length],
      ['ConfigurationData', inventory.length],
    ],
  },
  { text: 'union Conf*, Heart* | where TimeGenerated > ago(30d) | summarize dcount(Computer)', rows: () => [[4]] },
  {
    text: 'ConfigurationChange | getschema | where ColumnName in ("TimeGenerated", "_TimeReceived", "_ResourceId", "TenantId", "Type", "_IsBillable", "Size") | project ColumnName, ColumnType',
    rows: () => [
      ['TimeGenerated', 'datetime'],
      ['_TimeReceived', 'datetime'],
      ['_ResourceId', 'string'],
      ['TenantId', 'string'],
      ['Type', 'string'],
      ['_IsBillable', 'string'],
      ['Size', 'long'],
    ],
  },
  {
    text: 'find in (ConfigurationChange, ConfigurationData) where Computer == "db-1" and SvcName == "nginx" project Computer, SvcName, SvcState | summarize n = count() by source_',
    rows: ({ changes, inventory }) =>
      [
        [
          'ConfigurationChange',
          changes.filter((row) => row['Computer'] === 'db-1' && row['SvcName'] === 'nginx').length,
        ],
        [
          'ConfigurationData',
          inventory.filter((row) => row['Computer'] === 'db-1' && row['SvcName'] === 'nginx').length,
        ],
      ].filter(([, n]) => Number(n) > 0),
  },
  {
    text: 'ConfigurationChange | search "ssh" | distinct Computer, SvcName, FileSystemPath | where isnotempty(SvcName) | distinct SvcName',
    rows: () => [['ssh']],
  },
  {
    text: 'ConfigurationChange | where Computer has_cs "Build" and Computer !has_cs "build" and Computer hasprefix "bui" and Computer endswith_cs "3" | count',
    rows: () => [[30]],
  },
  {
    text: 'ConfigurationChange | where FileSystemPath has_all ("etc", "ssh") and FileSystemPath !contains_cs "SSH" and FileSystemPath !startswith "/opt" and FileSystemPath matches regex @"config$" | distinct FileSystemPath',
    rows: () => [['/etc/ssh/sshd_config']],
  },
  {
    text: 'ConfigurationChange | where column_ifexists("NoColumn", "x") == "x" and columnifexists("Computer", "") == "db-1" | count',
    rows: () => [[30]],
  },
  {
    text: 'let limit_ = toscalar(ConfigurationChange | where isnotnull(Size) | summarize percentile(Size, 50)); ConfigurationChange | where Size > limit_ | count',
    columns: 'Count:long',
  },
  {
    text: 'range Day from startofday(ago(2d)) to startofday(now()) step 1d | join kind=leftouter (ConfigurationChange | summarize n = count() by Day = startofday(TimeGenerated)) on Day | project Day, n = coalesce(n, 0) | order by Day asc | project n',
    isOrdered: true,
    rows: ({ changes, nowMs }) =>
      [2, 1, 0].map((back) => [
        changes.filter((row) => Math.floor(timeOf(row) / DAY) === Math.floor(nowMs / DAY) - back).length,
      ]),
  },
  {
    text: 'datatable(Computer:string, Owner:string)["web-1","ann","db-1","bob"] | join kind=rightouter (ConfigurationChange | summarize n = count() by Computer) on Computer | project Owner, Computer1, n | order by Computer1 asc',
    isOrdered: true,
    rows: ({ changes }) =>
      distinctOf(changes, 'Computer').map((name) => [{ 'web-1': 'ann', 'db-1': 'bob' }[name] ?? '', name, 30]),
  },
  {
    text: 'let f = (name: string) { ConfigurationChange | where Computer == name | summarize n = count() by Computer }; union f("web-1"), f("web-2") | order by Computer asc',
    isOrdered: true,
    rows: () => [
      ['web-1', 30],
      ['web-2', 30],
    ],
  },
  {
    text: 'let isCritical = (path: string) { path has_any ("passwd", "sshd_config") }; ConfigurationChange | where isCritical(FileSystemPath) | summarize count() by FileSystemPath',
    rows: ({ changes }) =>
      countBy(
        changes.filter((row) => /passwd|sshd_config/.test(textOf(row, 'FileSystemPath'))),
        'FileSystemPath',
      ),
  },
  {
    text: 'ConfigurationChange | extend w = startofweek(TimeGenerated), m = startofmonth(TimeGenerated), y = getyear(TimeGenerated), q = datetime_part("quarter", TimeGenerated) | distinct w, m, y, q | summarize count(), max(y), max(q)',
    columns: 'count_:long max_y:int max_q:long',
  },
  {
    text: 'ConfigurationChange | where TimeGenerated > datetime(2026-03-01) and TimeGenerated < datetime(2026-03-10T00:00:00Z) - 1d + 2h | summarize n = count(), span = max(TimeGenerated) - min(TimeGenerated)',
    columns: 'n:long span:timespan',
  },
  {
    text: 'ConfigurationChange | extend Bucket = case(Size < 120, "small", Size < 160, "medium", isnull(Size), "none", "large") | summarize n = count() by Bucket',
    rows: ({ changes }) =>
      [
        ...Map.groupBy(changes, (row) => {
          const size = row['Size']
          return typeof size === 'number' ? (size < 120 ? 'small' : size < 160 ? 'medium' : 'large') : 'none'
        }),
      ].map(([bucket, all]) => [bucket, all.length]),
  },
  {
    text: 'ConfigurationChange | summarize Types = strcat_array(array_sort_asc(make_set(ConfigChangeType)), "|"), Lists = array_length(make_list(ConfigChangeType, 5)) by Computer',
    rows: ({ changes }) => distinctOf(changes, 'Computer').map((name) => [name, 'Daemons|Files|Software', 5]),
  },
  {
    text: 'ConfigurationChange | sort by TimeGenerated asc | extend Total = row_cumsum(1), Next = next(Computer) | where Total in (1, 120) | project Total, Next',
    isOrdered: true,
    rows: ({ changes }) => [
      [1, changes.at(-2)?.['Computer']],
      [120, ''],
    ],
  },
  { text: 'ConfigurationChange | distinct Computer | serialize n = row_number() | count', rows: () => [[4]] },
  {
    text: 'ConfigurationChange | extend p = parse_path(FileSystemPath) | where isnotempty(FileSystemPath) | distinct tostring(p.DirectoryPath), tostring(p.Filename), tostring(p.Extension) | where p_Extension != "" | project p_Filename',
    rows: () => [['app.conf']],
  },
  {
    text: 'ConfigurationChange | extend h = hash_sha256(Computer), b = base64_encode_tostring(Computer) | where base64_decode_tostring(b) == Computer | summarize dcount(h), take_any(strlen(h))',
    rows: () => [[4, 64]],
  },
  {
    text: 'ConfigurationChange | extend n = countof(FileSystemPath, "/"), i = indexof(FileSystemPath, "ssh"), r = reverse(Computer), t = trim(@"\\s", strcat("  ", Computer, " ")) | where t == Computer and i >= 0 | summarize max(n), min(i), dcount(r)',
    columns: 'max_n:long min_i:long dcount_r:long',
  },
  {
    text: 'ConfigurationChange | partition by Computer (top 1 by TimeGenerated | project Computer, TimeGenerated) | count',
    rows: () => [[4]],
  },
  {
    text: 'ConfigurationChange | lookup (datatable(ChangeCategory:string, Weight:long)["Added", 1, "Removed", 3, "Modified", 2]) on ChangeCategory | summarize Score = sum(Weight) by Computer',
    rows: ({ changes }) => {
      const weights: Record<string, number> = { Added: 1, Removed: 3, Modified: 2 }
      return distinctOf(changes, 'Computer').map((name) => [
        name,
        changes
          .filter((row) => row['Computer'] === name)
          .reduce((sum, row) => sum + (weights[textOf(row, 'ChangeCategory')] ?? 0), 0),
      ])
    },
  },
  {
    text: 'ConfigurationChange | project-reorder Computer, TimeGenerated | project-keep Computer, TimeGenerated, Type | project-rename Host = Computer | take 1',
    columns: 'Host:string TimeGenerated:datetime Type:string',
  },
  {
    // Becomes far more SQL than the store takes of itself.
    text: `let names = search * | summarize make_set($table); print ${Array.from({ length: 4 }, () => 'array_length(toscalar(names))').join(' + ')}`,
    rows: () => [[12]],
  },
  { text: 'print 1.0 / 0, -1.0 / 0, 0.0 / 0, real(nan)', rows: () => [['Infinity', '-Infinity', 'NaN', 'NaN']] },
  {
    text: 'ConfigurationChange | where TimeGenerated {TimeRange} | where Computer in ({Computers})',
    refused: ['placeholder', '{TimeRange}'],
  },
  {
    text: 'ConfigurationData | where _ResourceId in~ ({Computer}) or "*" in~ ({Computer}) | distinct Publisher',
    refused: ['placeholder', '{Computer}'],
  },
  {
    text: 'ConfigurationChange | where Computer == "{Computer}" | count',
    rows: () => [[0]],
    hints: ['placeholder-text'],
  },
  {
    text: 'externaldata(ip:string)[@"https://example.com/list.csv"] | join ConfigurationChange on $left.ip == $right.Computer',
    refused: ['unsupported', 'datatable'],
  },
  { text: 'workspace("other").ConfigurationChange | count', refused: ['unsupported', 'workspace'] },
  { text: '_GetWatchlist("vips") | project SearchKey', refused: ['unsupported', 'datatable'] },
  { text: 'ConfigurationChange | evaluate autocluster()', refused: ['unsupported', 'summarize'] },
  { text: 'ConfigurationChange | reduce by FileSystemPath', refused: ['unsupported', 'summarize'] },
  {
    text: 'ConfigurationChange | make-series n = count() on TimeGenerated step 1h | extend a = series_decompose_anomalies(n)',
    refused: ['unsupported', 'stdev'],
  },
  { text: 'ConfigurationChange | where PreviousValue != ""', refused: ['unknown-name', 'Did you mean Previous?'] },
  { text: 'ConfigurationChange | sumarize count() by Computer', refused: ['syntax', 'summarize'] },
  { text: 'ConfigurationChange | where ConfigChangeType == "Daemon"', rows: () => [], hints: ['unlikely-value'] },
  { text: 'ConfigurationChange | extend x = tolong(Size) + "a"', refused: ['semantics', ''] },
]
