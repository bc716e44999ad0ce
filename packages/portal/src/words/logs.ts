/** The words of *Logs*. */
export const logsWords = {
  title: 'Logs',
  run: 'Run',
  runTitle: 'Run the query, or what is selected of it (Ctrl+Enter)',
  format: 'Format',
  formatTitle: 'Usual spaces and lines (Shift+Alt+F)',
  cancel: 'Cancel',
  running: 'Running…',
  editor: 'Query in KQL',
  editorHelp:
    'Ctrl+Enter runs it, or what is selected of it; Ctrl+Space completes, Ctrl+I explains. Escape, then Tab, leaves the editor.',
  timeRange: 'Time range',
  inQuery: 'set in the query',
  last: (span: string): string => `last ${span}`,
  tables: 'Tables',
  examples: 'Examples',
  saved: 'Saved',
  history: 'History',
  save: 'Save',
  saveName: 'Name of the query',
  saveTitle: 'Keep this query in this browser',
  remove: (name: string): string => `Remove ${name}`,
  noSaved: 'Queries that you save are kept in this browser.',
  noHistory: 'Queries that you run are listed here, in this browser.',
  insert: (name: string): string => `Put ${name} into the query`,
  results: 'Results',
  chart: 'Chart',
  rows: (count: number): string => `${count.toLocaleString()} ${count === 1 ? 'row' : 'rows'}`,
  took: (ms: number): string => (ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`),
  noRows: 'No rows',
  noRowsHelp: 'The query ran, and nothing matches. Choose a longer time range, or take a condition away.',
  nothingRun: 'Nothing was run yet',
  nothingRunHelp: 'Write a query and press Ctrl+Enter, or take one of the examples.',
  wrong: 'The query has a mistake',
  at: (line: number, column: number): string => `Line ${line}, column ${column}`,
  row: 'Row',
  copyRow: 'row',
  elements: (count: number): string => `${count.toLocaleString()} ${count === 1 ? 'element' : 'elements'}`,
  members: (count: number): string => `${count.toLocaleString()} ${count === 1 ? 'member' : 'members'}`,
  more: (count: number): string => `and ${count.toLocaleString()} more`,
  exportCsv: 'CSV',
  exportNdjson: 'NDJSON',
  noChart: (kind: string): string =>
    `A ${kind} needs a first column of times or texts and at least one column of numbers; the rows are below.`,
  chartCut: (count: number): string => `The chart shows ${count.toLocaleString()} series; the table has all.`,
  chartLabel: (kind: string, count: number): string =>
    `${kind} of ${count.toLocaleString()} rows; the table has the same.`,
  cancelled: 'Cancelled. The server may go on for a while; its answer is not waited for.',
} as const

/** Queries to begin with, by what they answer. */
export const exampleQueries: readonly { readonly title: string; readonly query: string }[] = [
  {
    title: 'Changes of the last day by machine and type',
    query:
      'ConfigurationChange\n| where TimeGenerated > ago(1d)\n| summarize Changes = count() by Computer, ConfigChangeType\n| sort by Changes',
  },
  {
    title: 'Changes over time, as a chart',
    query:
      'ConfigurationChange\n| where TimeGenerated > ago(1d)\n| summarize count() by bin(TimeGenerated, 1h), ConfigChangeType\n| render columnchart',
  },
  {
    title: 'Who changed files below /etc',
    query:
      'ConfigurationChange\n| where TimeGenerated > ago(7d)\n| where ConfigChangeType == "Files" and FileSystemPath startswith "/etc/"\n| project TimeGenerated, Computer, FileSystemPath, InitiatingProcessAccountName, InitiatingProcessCommandLine\n| sort by TimeGenerated',
  },
  {
    title: 'Versions of one package over the fleet',
    query:
      'ConfigurationData\n| where ConfigDataType == "Software" and SoftwareName == "openssl"\n| summarize arg_max(TimeGenerated, CurrentVersion) by Computer\n| summarize Machines = count() by CurrentVersion\n| render barchart',
  },
  {
    title: 'Daemons that stopped',
    query:
      'ConfigurationChange\n| where ConfigChangeType == "Daemons" and SvcPreviousState == "Running" and SvcState != "Running"\n| project TimeGenerated, Computer, SvcName, SvcPreviousState, SvcState',
  },
  {
    title: 'Machines without a heartbeat for an hour',
    query: 'Heartbeat\n| summarize LastSeen = max(TimeGenerated) by Computer\n| where LastSeen < ago(1h)',
  },
  {
    title: 'What could not be seen',
    query:
      'TidemarkVisibility\n| where TimeGenerated > ago(7d)\n| summarize count(), max(TimeGenerated) by Computer, Reason\n| sort by max_TimeGenerated',
  },
]
