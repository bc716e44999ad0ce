/** What to do instead of what is right in Kusto and not known here, by the word that stands there. */
const INSTEAD: Readonly<Record<string, string>> = {
  externaldata: 'put the values into a datatable in the query',
  scan: 'sort the rows and use prev(), next() and row_cumsum()',
  reduce: 'group by what stays the same, for instance summarize count() by extract(…)',
  fork: 'send a query for each branch',
  facet: 'summarize count() by each of the columns in a query of its own',
  'make-graph': 'join the tables',
  series_decompose: 'compare with avg() and stdev() of the same hour of earlier days',
  series_decompose_anomalies: 'compare with avg() and stdev() of the same hour of earlier days',
  series_decompose_forecast: 'use series_fit_line() to see where a series goes',
  series_outliers: 'compare with percentiles() of the group',
  hll: 'use dcount(), which is exact here',
  hll_merge: 'use dcount(), which is exact here',
  dcount_hll: 'use dcount(), which is exact here',
  tdigest: 'use percentiles(), which are exact here',
  tdigest_merge: 'use percentiles(), which are exact here',
  percentile_tdigest: 'use percentiles(), which are exact here',
  basket: 'summarize count() by the columns, and keep the largest groups',
  autocluster: 'summarize count() by the columns, and keep the largest groups',
  diffpatterns: 'summarize countif() of both sides by the columns',
  ipv4_lookup: 'use ipv4_is_in_any_range() with the ranges in an array',
  workspace: 'there is one workspace here: write the name of the table alone',
  app: 'there is one workspace here: write the name of the table alone',
  resource: 'there is one workspace here: write the name of the table alone',
  cluster: 'there is one database here: write the name of the table alone',
  database: 'there is one database here: write the name of the table alone',
  arg: 'resources of Azure are not kept here; machines are in Heartbeat',
  adx: 'there is one workspace here: write the name of the table alone',
  _GetWatchlist: 'put the values into a datatable in the query',
  _GetWatchlistAlias: 'put the values into a datatable in the query',
}

/** Columns that people look for by another name than the one that they have. */
const CALLED: Readonly<Record<string, string>> = {
  previousvalue: 'Previous',
  oldvalue: 'Previous',
  currentvalue: 'Current',
  newvalue: 'Current',
  changetype: 'ConfigChangeType',
  configtype: 'ConfigChangeType',
  datatype: 'ConfigDataType',
  servicename: 'SvcName',
  servicestate: 'SvcState',
  daemon: 'SvcName',
  packagename: 'SoftwareName',
  softwareversion: 'CurrentVersion',
  version: 'CurrentVersion',
  filepath: 'FileSystemPath',
  path: 'FileSystemPath',
  hostname: 'Computer',
  machine: 'Computer',
  machinename: 'Computer',
  host: 'Computer',
  timestamp: 'TimeGenerated',
  time: 'TimeGenerated',
  resourceid: '_ResourceId',
}

/** What may be done instead, where something is known. */
export function adviceFor(word: string): string | undefined {
  return Object.hasOwn(INSTEAD, word) ? INSTEAD[word] : undefined
}

/** The column that a name usually means, where these have it. */
export function usuallyCalled(word: string, columns: readonly string[]): string | undefined {
  const name = Object.hasOwn(CALLED, word.toLowerCase()) ? CALLED[word.toLowerCase()] : undefined
  return name !== undefined && columns.includes(name) ? name : undefined
}

/** Words that begin an operator, for one that is mistyped. */
export const OPERATOR_NAMES: readonly string[] = [
  'where filter project project-away project-keep project-rename project-reorder extend summarize sort order top',
  'top-nested top-hitters take limit distinct count join lookup union search parse parse-where parse-kv mv-expand',
  'mv-apply partition make-series serialize invoke getschema consume as render evaluate sample sample-distinct',
].flatMap((names) => names.split(' '))
