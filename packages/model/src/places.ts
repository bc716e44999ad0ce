/** Where the programs on the machine keep their things, as the described system does, below `root` (`/` normally). */

/** Paths of the agent. */
export function agentPlaces(root: string) {
  const etc = under(root, 'etc/opt/microsoft/azuremonitoragent')
  const data = under(root, 'var/opt/microsoft/azuremonitoragent')
  return {
    /** One file for each rule, `<immutable id>.json`, and `machine.json` with the machine they were fetched for. */
    configChunks: `${etc}/config-cache/configchunks`,
    /** Server address, resource id and token of this machine, mode 0600 (`MachineRegistration`). */
    registration: `${etc}/machine.json`,
    /** The machine's own key, mode 0600, where it was enrolled. */
    key: `${etc}/machine.key`,
    /** Settings of the agent, where there are any (docs/operating/agent.md). */
    settings: `${etc}/agent.json`,
    /** The sink: one folder for each stream. */
    events: `${data}/events`,
    /** Batches that the server refused for good, kept for a person to look at. */
    refused: `${data}/refused`,
    log: `${data}/log/tidemark-agent.log`,
  } as const
}

/** What kind of machine the described system runs on: where its extension keeps JSON and logs differs. */
export const machineModes = ['azure-vm', 'arc'] as const
export type MachineMode = (typeof machineModes)[number]

/** Where the folder of JSON and logs is: on an Arc machine its name ends with the version that writes there. */
export type ChangeTrackingLayout = { readonly mode: 'azure-vm' } | { readonly mode: 'arc'; readonly version: string }

const extensionFolder = 'Microsoft.Azure.ChangeTrackingAndInventory.ChangeTracking-Linux'

/** Below which, on Arc machines, each version of change tracking has its folder, whose names begin so. */
export function arcFolders(root: string): { readonly folder: string; readonly prefix: string } {
  return { folder: under(root, 'var/lib/waagent'), prefix: `${extensionFolder}-` }
}

/** Paths of change tracking. */
export function changeTrackingPlaces(root: string, layout: ChangeTrackingLayout = { mode: 'azure-vm' }) {
  const log =
    layout.mode === 'arc'
      ? `${arcFolders(root).folder}/${arcFolders(root).prefix}${layout.version}`
      : under(root, `var/log/azure/${extensionFolder}`)
  return {
    database: under(root, 'opt/microsoft/changetrackingdata/db/changetracking.db'),
    /** Settings of change tracking, where there are any (docs/operating/changetracking.md). */
    settings: under(root, 'etc/opt/microsoft/changetracking/changetracking.json'),
    logFolder: log,
    log: `${log}/cta_linux_agent.log`,
    filesJson: `${log}/File.json`,
    packagesJson: `${log}/Packages.json`,
    servicesJson: `${log}/Services.json`,
  } as const
}

export type ChangeTrackingPlaces = ReturnType<typeof changeTrackingPlaces>

function under(root: string, path: string): string {
  return `${root.replace(/\/+$/, '')}/${path}`
}
