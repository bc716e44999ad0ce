/** Who stands behind the packages. */
export const maintainer = 'Tidemark <packages@tidemark.example>'

/** What the packages tell of themselves. */
export const description = {
  short: 'change tracking and inventory of this machine',
  long: [
    'Tells a Tidemark server what changes on this machine, when and by whom, and',
    'what is installed and running: files, packages, daemons. Two daemons:',
    'change tracking, which reads the machine and has no network, and the agent,',
    'which keeps what was collected until the server has it.',
  ],
} as const
