import { countBy, distinctOf, lastOf, type Published, textOf } from './world.ts'

/** Queries on what is installed and running, and on machines. */
export const inventoryQueries: readonly Published[] = [
  {
    text: 'ConfigurationData\n| where ConfigDataType == "Daemons" and SvcStartupType == "Auto"\n| where SvcState == "Stopped"\n| summarize arg_max(TimeGenerated, *) by SvcName, Computer\n| project Computer, SvcName',
    rows: ({ inventory }) =>
      inventory
        .filter((row) => row['SvcStartupType'] === 'Auto' && row['SvcState'] === 'Stopped')
        .map((row) => [row['Computer'], row['SvcName']]),
  },
  {
    text: 'ConfigurationData\n| summarize arg_max(TimeGenerated, *) by SoftwareName, Computer\n| where ConfigDataType == "Software"\n| search Publisher:"Canonical"\n| summarize count() by Publisher',
    rows: ({ inventory }) =>
      countBy(
        lastOf(inventory, 'SoftwareName', 'Computer').filter((row) => row['Publisher'] === 'Canonical'),
        'Publisher',
      ),
  },
  {
    text: 'ConfigurationData\n| where ConfigDataType == "Software" \n| summarize arg_max(TimeGenerated, *) by SoftwareName, CurrentVersion\n| where Computer =="web-1"\n| project SoftwareName, CurrentVersion\n| render table',
    rows: ({ inventory }) =>
      inventory
        .filter((row) => row['Computer'] === 'web-1' && row['ConfigDataType'] === 'Software')
        .map((row) => [row['SoftwareName'], row['CurrentVersion']]),
  },
  {
    text: 'ConfigurationData | where SoftwareName contains "SSL" and CurrentVersion != "1.0.1" | summarize by Computer, CurrentVersion',
    rows: ({ inventory }) =>
      inventory
        .filter((row) => row['SoftwareName'] === 'openssl' && row['CurrentVersion'] !== '1.0.1')
        .map((row) => [row['Computer'], row['CurrentVersion']]),
  },
  {
    text: 'let with_app = ConfigurationData\n    | where ConfigDataType == "Software" and CurrentVersion startswith "1.2"\n    | distinct Computer;\nHeartbeat\n| where TimeGenerated > ago(1d)\n| distinct Computer\n| where Computer !in (with_app)',
    rows: ({ beats }) =>
      distinctOf(beats, 'Computer')
        .filter((name) => name !== 'db-1')
        .map((name) => [name]),
  },
  {
    text: 'ConfigurationData | where ConfigDataType == "Software" | where SoftwareName contains "bash" | summarize arg_max(TimeGenerated, *) by Computer | summarize Servers = count() by SoftwareName, CurrentVersion | order by Servers desc, CurrentVersion asc',
    isOrdered: true,
    rows: () => [0, 1, 2, 3].map((place) => ['bash', `2.${place}.1`, 1]),
  },
  {
    text: 'ConfigurationData | where ConfigDataType == "Software" | where SoftwareName !in ("bash", "python3") | summarize UnexpectedSoftware = make_set(SoftwareName) by Computer | where array_length(UnexpectedSoftware) > 0 | extend Names = strcat_array(array_sort_asc(UnexpectedSoftware), ", ") | project Computer, Names',
    rows: ({ inventory }) => distinctOf(inventory, 'Computer').map((name) => [name, 'linux-image-6.1, openssl']),
  },
  {
    text: 'ConfigurationData | where ConfigDataType == "Software" | summarize arg_max(TimeGenerated, CurrentVersion) by Computer, SoftwareName | summarize Versions = dcount(CurrentVersion), Newest = max(CurrentVersion) by SoftwareName | where Versions > 1 | project SoftwareName, Versions, Newest',
    rows: () => ['openssl', 'bash', 'linux-image-6.1', 'python3'].map((name, index) => [name, 4, `${index + 1}.3.1`]),
  },
  {
    text: 'ConfigurationData | where ConfigDataType == "Software" | sort by Computer asc, SoftwareName asc, TimeGenerated asc | extend Before = prev(CurrentVersion) | where Computer == prev(Computer) and SoftwareName == prev(SoftwareName) and CurrentVersion != Before | project Computer, SoftwareName, Before, CurrentVersion',
    rows: ({ inventory }) =>
      inventory
        .filter((row) => row['ConfigDataType'] === 'Software' && textOf(row, 'CurrentVersion').endsWith('.1'))
        .map((row) => [
          row['Computer'],
          row['SoftwareName'],
          textOf(row, 'CurrentVersion').replace(/1$/, '0'),
          row['CurrentVersion'],
        ]),
  },
  {
    text: 'let services = dynamic(["ssh","spooler","w3svc"]);\nConfigurationData\n| where SvcStartupType == "Auto"\n| where SvcName in (services)\n| where SvcState == "Stopped"\n| project TimeGenerated, Computer, SvcName, SvcDisplayName, SvcState\n| summarize AggregatedValue = count() by Computer, SvcName, SvcDisplayName, SvcState, bin(TimeGenerated, 1h)\n| project Computer, SvcName, AggregatedValue',
    rows: ({ inventory }) =>
      inventory
        .filter((row) => row['SvcName'] === 'ssh' && row['SvcState'] === 'Stopped')
        .map((row) => [row['Computer'], 'ssh', 1]),
  },
  {
    text: 'let basequery = ConfigurationData\n| where ConfigDataType == "Daemons"\n| union withsource="Table" (ConfigurationChange\n    | where ConfigChangeType == "Daemons")\n| summarize arg_max(TimeGenerated, *) by _ResourceId, SvcName, SvcStartupType;\nbasequery\n| project _ResourceId, SvcStartupType\n| evaluate pivot(SvcStartupType)\n| extend\n    Auto = iif(isempty(Auto), 0, Auto),\n    Manual = iif(isempty(Manual), 0, Manual)\n| extend Services = Auto + Manual\n| join kind=inner (basequery\n| where SvcStartupType == "Auto"\n| project _ResourceId, SvcState\n| evaluate pivot(SvcState)) on _ResourceId\n| project-away _ResourceId1\n| extend Computer = extract(@"(?i).*/machines/(.*)",1,_ResourceId)\n| project Computer, Services',
    rows: ({ inventory, changes }) => {
      const daemons = [...inventory, ...changes].filter((row) => textOf(row, 'SvcName') !== '')
      const last = lastOf(daemons, '_ResourceId', 'SvcName', 'SvcStartupType')
      return countBy(last, 'Computer')
    },
  },
  {
    text: 'ConfigurationData | summarize Publishers=dcountif(Publisher, isnotempty(Publisher)), Software=dcountif(SoftwareName, isnotempty(SoftwareName)) | evaluate narrow() | project Column, Value',
    rows: () => [
      ['Publishers', '2'],
      ['Software', '4'],
    ],
  },
  {
    text: 'ConfigurationData | where "*" in~ ("*") or Computer in~ ("WEB-1") | distinct Computer | count',
    rows: () => [[4]],
  },
  {
    text: 'ConfigurationData | where ConfigDataType =~ "software" | project Computer=_ResourceId, SoftwareName, Publisher, CurrentVersion | where Computer in~ ("/SUBSCRIPTIONS/s1/resourceGroups/rg-web/providers/Microsoft.HybridCompute/machines/web-1") | summarize count() by Publisher',
    rows: () => [
      ['Debian', 4],
      ['Canonical', 4],
    ],
  },
  {
    text: 'ConfigurationData | where ConfigDataType == "Software" | extend Parts = parse_version(CurrentVersion) | summarize Newest = arg_max(Parts, CurrentVersion) by SoftwareName | project SoftwareName, CurrentVersion',
    rows: () => ['openssl', 'bash', 'linux-image-6.1', 'python3'].map((name, index) => [name, `${index + 1}.3.1`]),
  },
  {
    text: 'let known = datatable(SoftwareName: string, Owner: string) ["openssl", "security", "bash", "base"];\nConfigurationData | where ConfigDataType == "Software" | distinct Computer, SoftwareName | lookup kind=leftouter known on SoftwareName | summarize n = count() by Owner = iff(isempty(Owner), "nobody", Owner)',
    rows: () => [
      ['security', 4],
      ['base', 4],
      ['nobody', 8],
    ],
  },
  {
    text: 'ConfigurationData | where ConfigDataType == "Software" | summarize Software = make_bag(bag_pack(SoftwareName, CurrentVersion)) by Computer | extend Names = array_sort_asc(bag_keys(Software)) | project Computer, array_length(Names), tostring(Names[0])',
    rows: ({ inventory }) => distinctOf(inventory, 'Computer').map((name) => [name, 4, 'bash']),
  },
  {
    text: 'let t = materialize(ConfigurationData | where ConfigDataType == "Daemons"); t | summarize Total = count() by SvcName | join kind=inner (t | where SvcState == "Running" | summarize Up = count() by SvcName) on SvcName | project SvcName, Total, Up',
    rows: ({ inventory }) => {
      const daemons = inventory.filter((row) => row['ConfigDataType'] === 'Daemons')
      return distinctOf(daemons, 'SvcName').map((name) => [
        name,
        4,
        daemons.filter((row) => row['SvcName'] === name && row['SvcState'] === 'Running').length,
      ])
    },
  },
  {
    text: 'let newest = (T:(TimeGenerated: datetime, Computer: string, SoftwareName: string, CurrentVersion: string), name: string) { T | where SoftwareName has name | summarize arg_max(TimeGenerated, CurrentVersion) by Computer };\nnewest(ConfigurationData, "openssl") | project Computer, CurrentVersion',
    rows: ({ inventory }) =>
      inventory
        .filter((row) => row['SoftwareName'] === 'openssl' && textOf(row, 'CurrentVersion').endsWith('.1'))
        .map((row) => [row['Computer'], row['CurrentVersion']]),
  },
  {
    text: 'let One = ConfigurationData | where Computer == "web-1" and ConfigDataType == "Daemons" | project SvcName, SvcState; let Two = ConfigurationData | where Computer == "web-2" and ConfigDataType == "Daemons" | project SvcName, SvcState; One | join kind=fullouter Two on SvcName | where SvcState != SvcState1 | project SvcName, One = SvcState, Two = SvcState1',
    rows: () =>
      ['ssh', 'cron', 'nginx'].map((name, index) => [
        name,
        index % 2 === 0 ? 'Running' : 'Stopped',
        index % 2 === 0 ? 'Stopped' : 'Running',
      ]),
  },
  {
    text: 'ConfigurationData | where SoftwareName matches regex "^(?i)LINUX-image-[0-9.]+$" | distinct SoftwareName',
    rows: () => [['linux-image-6.1']],
  },
  {
    text: 'ConfigurationData | summarize arg_max(TimeGenerated, *) by SoftwareName, ConfigDataType | order by ConfigDataType, SoftwareName | project TimeGenerated, ConfigDataType, SoftwareName',
    columns: 'TimeGenerated:datetime ConfigDataType:string SoftwareName:string',
  },
  {
    text: 'ConfigurationData | summarize hosts=dcount(Computer) by SoftwareName, CurrentVersion, SoftwareType | order by hosts desc',
    columns: 'SoftwareName:string CurrentVersion:string SoftwareType:string hosts:long',
  },
  { text: 'ConfigurationData | sample 3 | project Computer', columns: 'Computer:string' },
  { text: 'ConfigurationData | sample-distinct 2 of Computer | count', rows: () => [[2]] },
  {
    text: 'ConfigurationData | where TimeGenerated > ago(1d) | top-hitters 1 of ConfigDataType | project ConfigDataType',
    rows: () => [['Software']],
  },
]
