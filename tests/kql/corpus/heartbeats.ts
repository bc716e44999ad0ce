import { countBy, DAY, distinctOf, HOUR, lastOf, type Published, textOf, timeOf } from './world.ts'

/** Queries on heartbeats, on what is missing, and on what other solutions of Azure collect. */
export const heartbeatQueries: readonly Published[] = [
  {
    text: '// Count computers heartbeats in the last hour. \n// Normally, agents on VMs generate Heartbeat event every minute.\nHeartbeat\n| where TimeGenerated > ago(1h)\n| summarize count() by Computer',
    rows: ({ beats, nowMs }) =>
      countBy(
        beats.filter((row) => timeOf(row) > nowMs - HOUR),
        'Computer',
      ),
  },
  {
    text: 'Heartbeat\n| summarize arg_max(TimeGenerated, *) by Computer\n| project Computer, TimeGenerated, OSName',
    rows: ({ beats }) => lastOf(beats, 'Computer').map((row) => [row['Computer'], row['TimeGenerated'], row['OSName']]),
  },
  {
    text: 'Heartbeat\n| summarize LastHeartbeat=max(TimeGenerated) by Computer\n| where LastHeartbeat < ago(5h)',
    rows: ({ beats, nowMs }) =>
      lastOf(beats, 'Computer')
        .filter((row) => timeOf(row) < nowMs - 5 * HOUR)
        .map((row) => [row['Computer'], row['TimeGenerated']]),
  },
  {
    text: 'Heartbeat\n| summarize LastReported=now()-max(TimeGenerated) by ResourceGroup, Resource, ResourceType \n| where LastReported between(1m..4h)\n| project Resource, LastReported',
    rows: () => [
      ['web-1', '00:01:00'],
      ['web-2', '00:01:00'],
      ['db-1', '03:01:00'],
    ],
  },
  {
    text: 'Heartbeat\n// bin_at is used to set the time grain to 1 hour, starting exactly 24 hours ago\n| where TimeGenerated > ago(24h)\n| summarize heartbeatPerHour = count() by bin_at(TimeGenerated, 1h, ago(24h)), Computer\n| extend availablePerHour = iff(heartbeatPerHour > 0, true, false)\n| summarize totalAvailableHours = countif(availablePerHour == true) by Computer\n| extend availabilityRate = totalAvailableHours*100.0/24',
    rows: ({ beats, nowMs }) =>
      countBy(
        beats.filter((row) => timeOf(row) > nowMs - DAY),
        'Computer',
      ).map(([name, hours]) => [name, hours, (Number(hours) * 100) / 24]),
  },
  {
    text: 'let start_time=startofday(ago(1d));\nlet end_time=now();\nHeartbeat\n| where TimeGenerated > start_time and TimeGenerated < end_time\n| summarize heartbeat_per_hour=count() by bin_at(TimeGenerated, 1h, start_time), Computer\n| extend available_per_hour=iff(heartbeat_per_hour>0, true, false)\n| summarize total_available_hours=countif(available_per_hour==true) by Computer \n| extend total_number_of_buckets=round((end_time-start_time)/1h)\n| extend availability_rate=total_available_hours*100/total_number_of_buckets\n| project Computer, total_available_hours, total_number_of_buckets',
    rows: ({ beats, nowMs }) => {
      const begin = nowMs - (nowMs % DAY) - DAY
      return countBy(
        beats.filter((row) => timeOf(row) > begin),
        'Computer',
      ).map(([name, hours]) => [name, hours, Math.round((nowMs - begin) / HOUR)])
    },
  },
  {
    text: 'Heartbeat \n| where TimeGenerated > ago(24h)\n| summarize LastCall = max(TimeGenerated) by Computer, _ResourceId\n| where LastCall < ago(5m)\n| project Computer',
    rows: () => [['db-1'], ['Build-3']],
  },
  {
    text: 'Heartbeat\n| where TimeGenerated>ago(12h) and OSType=="Linux" and notempty(Computer)\n| summarize arg_max(TimeGenerated, Solutions, Computer, ResourceId, ComputerEnvironment, VMUUID) by SourceComputerId\n| where Solutions has "updates"\n| extend vmuuId=VMUUID, azureResourceId=ResourceId, osType=1, environment=iff(ComputerEnvironment=~"Azure", 1, 2), scopedToUpdatesSolution=true, lastUpdateAgentSeenTime=""\n| join kind=leftouter\n(\n   Update\n    | where TimeGenerated>ago(5h) and OSType=="Linux" and SourceComputerId in ((Heartbeat\n    | where TimeGenerated>ago(12h) and OSType=="Linux" and notempty(Computer)\n    | summarize arg_max(TimeGenerated, Solutions) by SourceComputerId\n    | where Solutions has "updates"\n    | distinct SourceComputerId))\n    | summarize hint.strategy=partitioned arg_max(TimeGenerated, UpdateState, Classification, Product, Computer, ComputerEnvironment) by SourceComputerId, Product, ProductArch\n    | summarize Computer=any(Computer), missingCriticalUpdatesCount=countif(Classification has "Critical" and UpdateState=~"Needed"), lastAssessedTime=max(TimeGenerated), lastUpdateAgentSeenTime="" by SourceComputerId\n    | extend compliance=iff(missingCriticalUpdatesCount > 0, 2, 1)\n)\non SourceComputerId\n| project id=SourceComputerId, displayName=Computer, missingCriticalUpdatesCount=coalesce(missingCriticalUpdatesCount, -1), compliance=coalesce(compliance, 4), environment=iff(ComputerEnvironment=~"Azure", 1, 2)\n| order by displayName asc',
    hints: ['empty-table'],
    isOrdered: true,
    rows: () => [
      ['id-Build-3', 'Build-3', -1, 4, 2],
      ['id-db-1', 'db-1', -1, 4, 1],
      ['id-web-1', 'web-1', -1, 4, 1],
      ['id-web-2', 'web-2', -1, 4, 1],
    ],
  },
  {
    text: 'let SearchValue =  "debian";//Please update term you would like to find in the table.\nHeartbeat\n| where * contains tostring(SearchValue)\n| take 1000\n| summarize n = count() by Computer',
    rows: () => [['db-1', 30]],
  },
  {
    text: 'let StartTime = ago(24h);\nlet EndTime = now();\nlet MinRSquare = 0.9; // Tune the sensitivity of the detection sensor.\nHeartbeat\n| where TimeGenerated between (StartTime .. EndTime)\n| extend AgentLatencySeconds = (_TimeReceived-TimeGenerated)/1s\n| make-series RatioSeries=avg(AgentLatencySeconds) default=0 on TimeGenerated in range(StartTime , EndTime,60m)\n| extend (RSquare2, SplitIdx, Variance2, RVariance2, LineFit2) = series_fit_2lines(RatioSeries)\n|extend (Slope, Interception, RSquare, Variance, RVariance, LineFit) = series_fit_line(LineFit2)\n| project PatternMatch = iff(RSquare2 > MinRSquare and Slope>2, "Spike detected", "No spike")',
    rows: () => [['No spike']],
  },
  {
    text: 'Heartbeat | summarize delay = avg((_TimeReceived - TimeGenerated) / 1s), p = percentile(ingestion_time() - TimeGenerated, 95) by Category',
    rows: () => [['Azure Monitor Agent', 3, '00:00:03']],
  },
  {
    text: 'Heartbeat | summarize dcount(ComputerIP) by bin(TimeGenerated, 1h) | where TimeGenerated > ago(3h) | order by TimeGenerated asc | project dcount_ComputerIP',
    isOrdered: true,
    rows: () => [[2], [2]],
  },
  {
    text: 'Heartbeat | extend Subnet = format_ipv4(ComputerIP, 16) | where ipv4_is_private(ComputerIP) and ipv4_is_in_range(ComputerIP, "10.0.0.0/8") | summarize make_set(Computer) by Subnet | extend n = array_length(set_Computer) | project Subnet, n',
    rows: () => [['10.0.0.0', 4]],
  },
  {
    text: 'Heartbeat | distinct Computer, ComputerIP | where ipv4_is_in_any_range(ComputerIP, dynamic(["10.0.0.0/24", "10.0.3.0/24"])) or ipv4_compare(ComputerIP, "10.0.1.4") == 0',
    rows: () => [
      ['web-1', '10.0.0.4'],
      ['web-2', '10.0.1.4'],
      ['Build-3', '10.0.3.4'],
    ],
  },
  {
    text: 'Heartbeat | summarize Machines = dcount(Computer) by OSName, OSMajorVersion | project OS = strcat(OSName, " (", OSMajorVersion, ")"), Machines',
    rows: () => [
      ['Ubuntu 24.04 LTS (24)', 3],
      ['Debian GNU/Linux 12 (12)', 1],
    ],
  },
  {
    text: 'union isfuzzy=true (ConfigurationChange | summarize Last = max(TimeGenerated) by Computer, Type), (Heartbeat | summarize Last = max(TimeGenerated) by Computer, Type), (NotHere_CL | summarize Last = max(TimeGenerated) by Computer, Type) | summarize Sources = make_set(Type) by Computer | where array_length(Sources) == 2 | project Computer',
    rows: ({ beats }) => distinctOf(beats, 'Computer').map((name) => [name]),
  },
  {
    text: 'ConfigurationChange | where ConfigChangeType == "Daemons" | join kind=inner (Heartbeat | summarize arg_max(TimeGenerated, OSName, Version) by Computer) on Computer | summarize count() by OSName',
    rows: ({ changes }) => {
      const daemons = changes.filter((row) => row['ConfigChangeType'] === 'Daemons')
      const debian = daemons.filter((row) => row['Computer'] === 'db-1').length
      return [
        ['Debian GNU/Linux 12', debian],
        ['Ubuntu 24.04 LTS', daemons.length - debian],
      ]
    },
  },
  {
    text: 'Heartbeat | where TimeGenerated > ago(1d) | distinct Computer | join kind=leftanti (ConfigurationChange | where TimeGenerated > ago(1h) | distinct Computer) on Computer',
    rows: ({ beats, changes, nowMs }) => {
      const fresh = new Set(changes.filter((row) => timeOf(row) > nowMs - HOUR).map((row) => row['Computer']))
      return distinctOf(beats, 'Computer')
        .filter((name) => !fresh.has(name))
        .map((name) => [name])
    },
  },
  {
    text: 'search in (ConfigurationChange, Heartbeat) "db-1" | summarize count() by $table',
    rows: ({ beats, changes }) => [
      ['Heartbeat', beats.filter((row) => row['Computer'] === 'db-1').length],
      ['ConfigurationChange', changes.filter((row) => row['Computer'] === 'db-1').length],
    ],
  },
  {
    text: 'search * | where TimeGenerated > ago(30d) | summarize count() by $table | sort by count_ desc, $table asc',
    isOrdered: true,
    rows: ({ beats, changes, inventory }) => [
      ['ConfigurationChange', changes.length],
      ['Heartbeat', beats.length],
      ['ConfigurationData', inventory.length],
    ],
    columns: '$table:string count_:long',
  },
  {
    text: 'find where TimeGenerated > ago(30d) project _BilledSize, Computer, _IsBillable, Type\n| where _IsBillable == true and Type != "Usage"\n| summarize BillableDataBytes = sum(_BilledSize) by Computer = tolower(tostring(split(Computer, ".")[0]))',
    rows: ({ beats, changes, inventory }) => {
      const all = [...beats, ...changes, ...inventory]
      return distinctOf(all, 'Computer').map((name) => [
        name.toLowerCase(),
        all.filter((row) => row['Computer'] === name).reduce((sum, row) => sum + Number(row['_BilledSize']), 0),
      ])
    },
  },
  {
    text: 'union withsource = tt ConfigurationChange, ConfigurationData, Heartbeat | where _IsBillable == true | summarize GB = round(sum(_BilledSize) / 1000 / 1000, 3) by tt',
    rows: ({ beats, changes, inventory }) =>
      Object.entries({ ConfigurationChange: changes, ConfigurationData: inventory, Heartbeat: beats }).map(
        ([name, all]) => [
          name,
          Math.round(all.reduce((sum, row) => sum + Number(row['_BilledSize']), 0) / 1000) / 1000,
        ],
      ),
  },
  {
    text: 'Usage\n| where TimeGenerated > ago(32d)\n| where StartTime >= startofday(ago(31d)) and EndTime < startofday(now())\n| where IsBillable = true\n| summarize BillableDataGB = sum(Quantity) / 1000. by bin(StartTime, 1d), Solution\n| render columnchart',
    hints: ['empty-table', 'single-equals'],
    columns: 'StartTime:datetime Solution:string BillableDataGB:real',
  },
  {
    text: 'Syslog | where Facility in ("auth", "authpriv") and SeverityLevel has_any ("err", "crit") | extend User = extract("user ([a-z]+)", 1, SyslogMessage) | join kind=inner (ConfigurationChange | where FileSystemPath == "/etc/passwd") on Computer | project TimeGenerated, Computer, User, FileSystemPath',
    hints: ['empty-table'],
    columns: 'TimeGenerated:datetime Computer:string User:string FileSystemPath:string',
  },
  {
    hints: ['empty-table'],
    text: 'Event | where EventLog == "System" and EventID in (7036, 7034) | parse RenderedDescription with "The " Service " service entered the " State " state." | summarize AggregatedValue = count() by bin(TimeGenerated, 1h), Computer, Service, State',
    columns: 'TimeGenerated:datetime Computer:string Service:string State:string AggregatedValue:long',
  },
  {
    hints: ['empty-table', 'empty-table'],
    text: 'Update\n|where OSType != "Linux" and UpdateState == "Needed" and Optional == "false" \n| join kind=inner (UpdateSummary |where WindowsUpdateSetting == "Manual" |distinct Computer) on Computer \n| distinct KBID, Computer, _ResourceId',
    columns: 'KBID:string Computer:string _ResourceId:string',
  },
  {
    text: 'Heartbeat | make-series n = count() default=0 on TimeGenerated from ago(6h) to now() step 1h by Computer | extend Missing = array_length(n) - array_sum(series_greater(n, 0)) | project Computer, Points = array_length(n)',
    rows: ({ beats }) =>
      distinctOf(
        beats.filter((row) => row['Computer'] !== 'Build-3'),
        'Computer',
      ).map((name) => [name, 6]),
  },
  {
    text: 'Heartbeat | summarize Beats = count() by Computer, Environment = case(ComputerEnvironment == "Azure", "cloud", ComputerEnvironment == "Non-Azure", "elsewhere", "unknown") | summarize sum(Beats), make_list(Computer) by Environment | project Environment, sum_Beats',
    rows: () => [
      ['cloud', 90],
      ['elsewhere', 30],
    ],
  },
  {
    text: 'Heartbeat | where Solutions contains "changeTracking" | extend Parts = split(replace_string(Solutions, "\\"", ""), ", ") | mv-apply Part = Parts to typeof(string) on (where Part startswith "sec" | summarize Found = count()) | summarize max(Found) by Computer',
    rows: ({ beats }) => distinctOf(beats, 'Computer').map((name) => [name, 1]),
  },
  {
    text: 'Heartbeat | sort by Computer asc, TimeGenerated desc | extend Rank = row_number(1, prev(Computer) != Computer) | where Rank == 2 | project Computer, TimeGenerated',
    rows: ({ beats }) => {
      const names = distinctOf(beats, 'Computer')
      return names.map((name) => [name, beats.filter((row) => row['Computer'] === name)[1]?.['TimeGenerated']])
    },
  },
  {
    text: 'Heartbeat | summarize by Computer, ResourceGroup | sort by ResourceGroup asc, Computer asc | project Computer',
    isOrdered: true,
    rows: () => [['Build-3'], ['db-1'], ['web-1'], ['web-2']],
  },
  { text: 'Heartbeat | where textlike == 1', refused: ['unknown-name', 'textlike'] },
  {
    text: 'Heartbeat | where Version startswith "1.3" | extend v = todouble(strcat(split(Version, ".")[0], ".", split(Version, ".")[1])) | summarize max(v), min(v)',
    rows: () => [[1.33, 1.3]],
  },
  {
    text: 'Heartbeat | project Computer, ResourceId = tolower(_ResourceId), Name = textOf(Computer)',
    refused: ['unknown-function', 'textOf'],
  },
  {
    text: 'Heartbeat | extend d = bag_pack("c", Computer, "ip", ComputerIP) | project d | evaluate bag_unpack(d) | distinct c, ip | count',
    rows: ({ beats }) => [[new Set(beats.map((row) => textOf(row, 'ComputerIP'))).size]],
  },
]
