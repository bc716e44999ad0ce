/** The words around every page, of the search over everything, and of *About*. */
export const frameWords = {
  brand: 'Tidemark',
  pages: {
    changes: 'Change tracking',
    inventory: 'Inventory',
    machines: 'Machines',
    rules: 'Rules',
    extensions: 'Extensions',
    logs: 'Logs',
    about: 'About',
  },
  live: 'Live',
  offline: 'Offline',
  liveHelp: 'Changes appear by themselves',
  offlineHelp: 'Not connected; trying again',
  light: 'Light colours',
  dark: 'Dark colours',
  signOut: 'Sign out',
  search: 'Search everything (Ctrl+K)',
  skip: 'Go to the page',
} as const

/** The words of the search over everything. */
export const findWords = {
  title: 'Search everything',
  hint: 'machine, package, path, daemon, page…',
  page: 'Page',
  machine: 'Machine',
  software: 'Software',
  files: 'File',
  daemons: 'Daemon',
  changes: 'Changes',
  changesWith: (text: string): string => `Changes with “${text}”`,
  on: (count: number): string => `${count.toLocaleString()} ${count === 1 ? 'machine' : 'machines'}`,
  searching: 'Searching…',
  nothing: 'Nothing found.',
  failed: 'The server could not be asked; pages and machines are still found.',
  results: 'What was found',
} as const

/** The words of *About*. */
export const aboutWords = {
  title: 'About',
  version: 'Version',
  workspace: 'Workspace',
  licences: 'Third-party licences',
  licencesHelp: 'What these pages are made of, and under which terms.',
  licencesGone: 'The list of licences is not there: these pages were not built by “npm start”.',
  component: 'Component',
  clock: 'Server’s clock',
  licence: 'Licence',
  apache: 'Apache-2.0',
  openApi: 'API description',
  tables: 'Tables',
  table: 'Table',
  rows: 'Rows',
  day: 'Last 24 h',
  rate: 'Rows a minute, last hour',
  size: 'On disk',
  perMinute: (rate: number): string =>
    rate === 0 ? '0' : rate < 10 ? rate.toFixed(1) : Math.round(rate).toLocaleString(),
  onDisk: (size: string): string => `${size} on disk, compressed, over all tables and workspaces.`,
  oldest: 'Oldest row',
  newest: 'Newest row',
  kept: 'Kept for',
  keptFor: (days: number | null): string =>
    days === null ? 'ever' : days === 1 ? '1 day' : `${days.toLocaleString()} days`,
  retention: '“tidemark retention” changes how long rows are kept.',
  retentionElsewhere: 'A cluster of ClickHouse keeps the rows; how long, a TTL of its tables says.',
} as const
