/** The words around every page, of the search over everything, and of *About*. */
export const frameWords = {
  brand: 'Tidemark',
  pages: {
    changes: 'Change tracking',
    inventory: 'Inventory',
    machines: 'Machines',
    rules: 'Rules',
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
  clock: 'Server’s clock',
  licence: 'Licence',
  apache: 'Apache-2.0',
  openApi: 'API description',
  tables: 'Tables',
  table: 'Table',
  rows: 'Rows',
  day: 'Last 24 h',
  oldest: 'Oldest row',
  newest: 'Newest row',
  retention: 'Rows are kept until somebody deletes them: nothing goes by age.',
} as const
