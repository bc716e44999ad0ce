import type { Commands, Repertoire } from './command-line.ts'

/**
 * What a machine needs, and what asks a server over HTTP: the commands of the package `tidemark-agent`. Adding a command is
 * a new folder and one line, here or in program.ts.
 */
export const machineCommands: Commands = {
  status: async () => (await import('./status/status.ts')).statusCommand,
  changes: async () => (await import('./reading/changes.ts')).changesCommand,
  diff: async () => (await import('./reading/diff.ts')).diffCommand,
  inventory: async () => (await import('./reading/inventory.ts')).inventoryCommand,
  query: async () => (await import('./reading/query.ts')).queryCommand,
  rules: async () => (await import('./rules/rules.ts')).rulesCommand,
  groups: async () => (await import('./groups/groups.ts')).groupsCommand,
  machines: async () => (await import('./machines/machines.ts')).machinesCommand,
  tokens: async () => (await import('./tokens/tokens.ts')).tokensCommand,
  scan: async () => (await import('./scan/scan.ts')).scanCommand,
  verify: async () => (await import('./verify/verify.ts')).verifyCommand,
  enroll: async () => (await import('./enrol/enroll.ts')).enrollCommand,
  'enroll-token': async () => (await import('./enrol/enroll-token.ts')).enrollTokenCommand,
  update: async () => (await import('./update/update.ts')).updateCommand,
  sink: async () => (await import('./sink/sink.ts')).sinkCommand,
  agent: async () => (await import('./daemons/agent.ts')).agentCommand,
  changetracking: async () => (await import('./daemons/changetracking.ts')).changeTrackingCommand,
}

/** `tidemark` as the package `tidemark-agent` brings it: without the server. */
export const machineRepertoire: Repertoire = {
  commands: machineCommands,
  examples: [
    'enroll --server https://tidemark.example:8437 --token tm_enrol_…   make this machine known',
    'status                     is all well, and if not, what is wrong',
    'inventory software --local what is installed here',
    'scan --help                one scan of files without agent or server, as AIDE does',
  ],
}
