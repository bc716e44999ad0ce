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

/** Paths of change tracking. */
export function changeTrackingPlaces(root: string) {
  const log = under(root, 'var/log/azure/Microsoft.Azure.ChangeTrackingAndInventory.ChangeTracking-Linux')
  return {
    database: under(root, 'opt/microsoft/changetrackingdata/db/changetracking.db'),
    logFolder: log,
    log: `${log}/cta_linux_agent.log`,
    filesJson: `${log}/File.json`,
    packagesJson: `${log}/Packages.json`,
    servicesJson: `${log}/Services.json`,
  } as const
}

function under(root: string, path: string): string {
  return `${root.replace(/\/+$/, '')}/${path}`
}
