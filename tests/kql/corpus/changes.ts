import { countBy, DAY, distinctOf, HOUR, iso, lastOf, type Published, textOf, timeOf } from './world.ts'

/** Queries on what changed: alerts, workbooks and reports. */
export const changeQueries: readonly Published[] = [
  {
    text: 'ConfigurationChange // (relies on the Change Tracking solution): \n| where ConfigChangeType == "Daemons" and SvcChangeType == "State"\n| where SvcPreviousState == "Running" and SvcState == "Stopped"\n| where SvcStartupType == "Auto" and TimeGenerated > ago(1d)\n| summarize count() by Computer',
    rows: ({ changes, nowMs }) =>
      countBy(
        changes.filter(
          (row) =>
            row['SvcChangeType'] === 'State' &&
            row['SvcState'] === 'Stopped' &&
            row['SvcStartupType'] === 'Auto' &&
            timeOf(row) > nowMs - DAY,
        ),
        'Computer',
      ),
  },
  {
    text: 'ConfigurationChange\n| where ConfigChangeType == "Software"\n| sort by TimeGenerated desc\n| project TimeGenerated, Computer, SoftwareName',
    isOrdered: true,
    rows: ({ changes }) =>
      changes
        .filter((row) => row['ConfigChangeType'] === 'Software')
        .map((row) => [row['TimeGenerated'], row['Computer'], row['SoftwareName']]),
  },
  {
    text: 'ConfigurationChange\n| where ConfigChangeType == "Services"\n| sort by TimeGenerated desc',
    rows: () => [],
    hints: ['unlikely-value'],
  },
  {
    text: 'ConfigurationChange | where ConfigChangeType == "WindowsServices" and SvcName == "W3SVC" and SvcState == "Stopped" | summarize by Computer',
    rows: () => [],
    hints: ['unlikely-value'],
  },
  {
    text: 'ConfigurationChange \n| where ConfigChangeType == "Software"\n| summarize AggregatedValue = count() by Computer',
    rows: ({ changes }) =>
      countBy(
        changes.filter((row) => row['ConfigChangeType'] === 'Software'),
        'Computer',
      ),
  },
  {
    text: 'ConfigurationChange | where ConfigChangeType == "Software" | summarize AggregatedValue = count() by ChangeCategory',
    rows: ({ changes }) =>
      countBy(
        changes.filter((row) => row['ConfigChangeType'] === 'Software'),
        'ChangeCategory',
      ),
  },
  {
    text: 'ConfigurationChange\n| where ConfigChangeType == "Software" and ChangeCategory == "Removed"\n| order by TimeGenerated desc\n| project SoftwareName, Previous',
    isOrdered: true,
    rows: ({ changes }) =>
      changes
        .filter((row) => row['ConfigChangeType'] === 'Software' && row['ChangeCategory'] === 'Removed')
        .map((row) => [row['SoftwareName'], row['Previous']]),
  },
  {
    text: 'ConfigurationChange | where FieldsChanged contains "FileContentChecksum" and FileSystemPath contains "hosts" | count',
    rows: ({ changes }) => [
      [
        changes.filter(
          (row) =>
            textOf(row, 'FieldsChanged').includes('FileContentChecksum') && row['FileSystemPath'] === '/etc/hosts',
        ).length,
      ],
    ],
  },
  {
    text: 'ConfigurationChange | where FieldsChanged contains "FileContentChecksum" and FileSystemPath == "c:\\\\windows\\\\system32\\\\drivers\\\\etc\\\\hosts"',
    rows: () => [],
  },
  {
    text: 'ConfigurationChange | where ConfigChangeType == "Daemons" and SvcName contains "ssh" and SvcState!= "Running" | project Computer, SvcState',
    rows: ({ changes }) =>
      changes
        .filter((row) => row['SvcName'] === 'ssh' && row['SvcState'] !== 'Running')
        .map((row) => [row['Computer'], 'Stopped']),
  },
  {
    text: String.raw`ConfigurationChange | where RegistryKey == @"HKEY_LOCAL_MACHINE\System\CurrentControlSet\Control\Session Manager\KnownDlls" | count`,
    rows: () => [[0]],
  },
  {
    text: 'ConfigurationChange\n| where TimeGenerated > ago(3d)\n| where ConfigChangeType in ("Registry", "Files")\n| summarize count() by Computer, ConfigChangeType',
    hints: ['unlikely-value'],
    rows: ({ changes, nowMs }) =>
      countBy(
        changes.filter((row) => row['ConfigChangeType'] === 'Files' && timeOf(row) > nowMs - 3 * DAY),
        'Computer',
        'ConfigChangeType',
      ),
  },
  {
    text: 'ConfigurationChange | where TimeGenerated > ago(24h) | where ConfigChangeType == "Files" | where FileSystemPath has_any ("/etc/ssh","/etc/sudoers","/etc/cron") | project TimeGenerated, Computer, FileSystemPath, ChangeCategory | order by TimeGenerated desc',
    isOrdered: true,
    rows: ({ changes, nowMs }) =>
      changes
        .filter((row) => timeOf(row) > nowMs - DAY && /^\/etc\/(ssh|cron)/.test(textOf(row, 'FileSystemPath')))
        .map((row) => [row['TimeGenerated'], row['Computer'], row['FileSystemPath'], row['ChangeCategory']]),
  },
  {
    text: 'ConfigurationChange | where SvcChangeType in ("State","Path") | summarize Stops = countif(SvcState == "Stopped"), Starts = countif(SvcState == "Running") by SvcName | sort by SvcName asc',
    isOrdered: true,
    rows: ({ changes }) => {
      const states = changes.filter((row) => row['SvcChangeType'] === 'State')
      return distinctOf(states, 'SvcName').map((name) => [
        name,
        states.filter((row) => row['SvcName'] === name && row['SvcState'] === 'Stopped').length,
        states.filter((row) => row['SvcName'] === name && row['SvcState'] === 'Running').length,
      ])
    },
  },
  {
    text: 'ConfigurationChange\n| where ConfigChangeType == "Daemons"\n| where SvcChangeType == "State"\n| summarize arg_max(TimeGenerated, *) by Computer, SvcName\n| where SvcState == "Stopped"\n| project TimeGenerated, Computer, SvcName, SvcDisplayName, SvcStartupType, SvcState, SvcPreviousState',
    rows: ({ changes }) =>
      lastOf(
        changes.filter((row) => row['SvcChangeType'] === 'State'),
        'Computer',
        'SvcName',
      )
        .filter((row) => row['SvcState'] === 'Stopped')
        .map((row) => [
          row['TimeGenerated'],
          row['Computer'],
          row['SvcName'],
          row['SvcDisplayName'],
          row['SvcStartupType'],
          row['SvcState'],
          row['SvcPreviousState'],
        ]),
  },
  {
    text: 'ConfigurationChange\n| summarize Changes=count(), Computers=dcount(Computer), Last=max(TimeGenerated), First=min(TimeGenerated)',
    rows: ({ changes }) => [[changes.length, 4, changes[0]?.['TimeGenerated'], changes.at(-1)?.['TimeGenerated']]],
  },
  {
    text: 'ConfigurationChange | where TimeGenerated between (ago(2d) .. ago(1d)) | summarize AggregatedValue = count() by bin(TimeGenerated, 1h) | order by TimeGenerated asc',
    isOrdered: true,
    rows: ({ changes, nowMs }) => {
      const bins = Map.groupBy(
        changes.map(timeOf).filter((ms) => ms >= nowMs - 2 * DAY && ms <= nowMs - DAY),
        (ms) => ms - (ms % HOUR),
      )
      return [...bins].toSorted(([one], [other]) => one - other).map(([bin, all]) => [iso(bin), all.length])
    },
  },
  {
    text: 'ConfigurationChange | summarize n = count() by Day = startofday(TimeGenerated), ConfigChangeType | evaluate pivot(ConfigChangeType, sum(n), Day) | order by Day asc | project Day, Files, Software, Daemons',
    isOrdered: true,
    rows: ({ changes }) => {
      const days = Map.groupBy(changes, (row) => timeOf(row) - (timeOf(row) % DAY))
      const of = (day: typeof changes, type: string): number =>
        day.filter((row) => row['ConfigChangeType'] === type).length
      return [...days]
        .toSorted(([one], [other]) => one - other)
        .map(([day, rows]) => [iso(day), ...['Files', 'Software', 'Daemons'].map((type) => of(rows, type) || null)])
    },
  },
  {
    text: 'ConfigurationChange | where ConfigChangeType == "Files" | extend Delta = Size - PreviousSize | summarize Grown = sumif(Delta, Delta > 0), Shrunk = sumif(Delta, Delta < 0), New = countif(isnull(PreviousSize))',
    rows: ({ changes }) => {
      const files = changes.filter((row) => row['ConfigChangeType'] === 'Files')
      const known = files.filter((row) => row['PreviousSize'] !== null)
      const deltas = known.map((row) => Number(row['Size']) - Number(row['PreviousSize']))
      const sum = (values: number[]): number => values.reduce((all, one) => all + one, 0)
      return [[sum(deltas.filter((one) => one > 0)), sum(deltas.filter((one) => one < 0)), files.length - known.length]]
    },
  },
  {
    text: 'ConfigurationChange | extend Changed = split(FieldsChanged, ",") | mv-expand Field = Changed to typeof(string) | where isnotempty(Field) | summarize count() by Field',
    rows: ({ changes }) => {
      const fields = changes.flatMap((row) => textOf(row, 'FieldsChanged').split(',').filter(Boolean))
      return [...Map.groupBy(fields, (field) => field)].map(([field, all]) => [field, all.length])
    },
  },
  {
    text: 'ConfigurationChange | where ConfigChangeType == "Files" | extend Folder = extract(@"^(.*)/[^/]+$", 1, FileSystemPath) | summarize Files = array_sort_asc(make_set(tostring(split(FileSystemPath, "/")[-1]))) by Folder',
    rows: ({ changes }) => {
      const paths = distinctOf(
        changes.filter((row) => row['ConfigChangeType'] === 'Files'),
        'FileSystemPath',
      )
      const folders = Map.groupBy(paths, (path) => path.replace(/\/[^/]+$/, ''))
      return [...folders].map(([folder, all]) => [
        folder,
        JSON.stringify(all.map((path) => path.split('/').at(-1)).toSorted()),
      ])
    },
  },
  {
    text: 'ConfigurationChange | where ConfigChangeType == "Software" | extend Major = toint(extract("^([0-9]+)", 1, Current)), Minor = toint(split(Current, ".")[1]) | where isnotnull(Minor) | summarize max(Minor), min(Minor), avg(Major)',
    rows: ({ changes }) => {
      const minors = changes
        .filter((row) => textOf(row, 'Current') !== '')
        .map((row) => Number(textOf(row, 'Current').split('.')[1]))
      return [[Math.max(...minors), Math.min(...minors), 1]]
    },
  },
  {
    text: 'ConfigurationChange | sort by Computer asc, TimeGenerated asc | serialize | extend Gap = iff(Computer == prev(Computer), TimeGenerated - prev(TimeGenerated), time(null)) | summarize Longest = max(Gap), n = countif(isnotnull(Gap)) by Computer',
    rows: ({ changes }) =>
      distinctOf(changes, 'Computer').map((name) => [
        name,
        '06:28:00',
        changes.filter((row) => row['Computer'] === name).length - 1,
      ]),
  },
  {
    text: 'let noisy = dynamic(["cron", "docker"]);\nConfigurationChange | where isnotempty(SvcName) and SvcName !in~ (noisy) | summarize Machines = make_set(Computer) by SvcName | extend Count = array_length(Machines) | project SvcName, Count | order by SvcName asc',
    isOrdered: true,
    rows: ({ changes }) =>
      ['nginx', 'ssh'].map((name) => [
        name,
        new Set(changes.filter((row) => row['SvcName'] === name).map((row) => row['Computer'])).size,
      ]),
  },
  {
    text: 'ConfigurationChange | parse _ResourceId with * "/resourceGroups/" Group "/providers/" Provider "/machines/" Machine | summarize count() by Group, Provider',
    rows: ({ changes }) => {
      const isWeb = (row: (typeof changes)[number]): boolean => textOf(row, 'Computer').startsWith('web')
      const web = changes.filter(isWeb).length
      return [
        ['rg-web', 'Microsoft.HybridCompute', web],
        ['rg-back', 'Microsoft.HybridCompute', changes.length - web],
      ]
    },
  },
  {
    text: 'ConfigurationChange | summarize hourly = count() by bin_at(TimeGenerated, 1d, ago(8d)), Computer | extend busy = iff(hourly > 3, true, false) | summarize BusyDays = countif(busy == true) by Computer',
    rows: ({ changes, nowMs }) => {
      const origin = nowMs - 8 * DAY
      return distinctOf(changes, 'Computer').map((name) => {
        const own = changes.filter((row) => row['Computer'] === name)
        const days = Map.groupBy(own, (row) => Math.floor((timeOf(row) - origin) / DAY))
        return [name, [...days.values()].filter((day) => day.length > 3).length]
      })
    },
  },
  {
    text: 'ConfigurationChange | make-series Changes = count() default = 0 on TimeGenerated from startofday(ago(3d)) to startofday(now()) step 1d by ConfigChangeType | project ConfigChangeType, Changes | order by ConfigChangeType asc',
    isOrdered: true,
    rows: ({ changes, nowMs }) => {
      const begin = nowMs - (nowMs % DAY) - 3 * DAY
      return ['Daemons', 'Files', 'Software'].map((type) => [
        type,
        JSON.stringify(
          [0, 1, 2].map(
            (day) =>
              changes.filter(
                (row) =>
                  row['ConfigChangeType'] === type &&
                  timeOf(row) >= begin + day * DAY &&
                  timeOf(row) < begin + (day + 1) * DAY,
              ).length,
          ),
        ),
      ])
    },
  },
  {
    text: 'ConfigurationChange | extend Hour = hourofday(TimeGenerated), Weekday = dayofweek(TimeGenerated) | where Hour !between (8 .. 17) or Weekday in (0d, 6d) | summarize Off = count() by ChangeCategory',
    rows: ({ changes }) =>
      countBy(
        changes.filter((row) => {
          const when = new Date(timeOf(row))
          return when.getUTCHours() < 8 || when.getUTCHours() > 17 || [0, 6].includes(when.getUTCDay())
        }),
        'ChangeCategory',
      ),
  },
  {
    text: 'ConfigurationChange | top 5 by TimeGenerated desc | extend Age = datetime_diff("minute", now(), TimeGenerated), When = format_datetime(TimeGenerated, "yyyy-MM-dd HH:mm") | project Age, When',
    isOrdered: true,
    rows: ({ changes, nowMs }) =>
      changes
        .slice(0, 5)
        .map((row) => [
          Math.floor(nowMs / 60_000) - Math.floor(timeOf(row) / 60_000),
          textOf(row, 'TimeGenerated').slice(0, 16).replace('T', ' '),
        ]),
  },
  {
    text: 'ConfigurationChange | summarize Total = count() by Computer | as Totals | extend Share = round(100.0 * Total / toscalar(Totals | summarize sum(Total)), 1) | project Computer, Share',
    rows: ({ changes }) => distinctOf(changes, 'Computer').map((name) => [name, 25]),
  },
  {
    text: 'ConfigurationChange | where isnotempty(Xattrs) | extend Context = tostring(parse_json(Xattrs)["security.selinux"]), Tags = todynamic(Xattrs).tags | mv-expand Tag = Tags to typeof(string) | summarize count() by Tag',
    rows: ({ changes }) => {
      const files = changes.filter((row) => row['ConfigChangeType'] === 'Files')
      const even = files.filter((_, place) => (place * 3) % 2 === 0).length
      return [
        ['a', files.length],
        ['t0', even],
        ['t1', files.length - even],
      ]
    },
  },
  {
    text: 'ConfigurationChange | where TimeGenerated > ago(1d) | summarize count() by bin(TimeGenerated, 15m), ConfigChangeType | render timechart',
    columns: 'TimeGenerated:datetime ConfigChangeType:string count_:long',
  },
  {
    text: 'ConfigurationChange | project-away TenantId, _*, Initiating* | take 3 | getschema | where ColumnName startswith "_" | count',
    rows: () => [[0]],
  },
  {
    text: 'ConfigurationChange | summarize percentiles(Size, 5, 50, 95), stdev(Size), variance(Size) by Computer',
    columns:
      'Computer:string percentile_Size_5:long percentile_Size_50:long percentile_Size_95:long stdev_Size:real variance_Size:real',
  },
  {
    text: 'ConfigurationChange | top-nested 2 of Computer by count(), top-nested 1 of ConfigChangeType by count()',
    columns: 'Computer:string aggregated_Computer:long ConfigChangeType:string aggregated_ConfigChangeType:long',
  },
]
