import type { HeartbeatItem, MachineIdentity } from '@tidemark/model'

import { operatingSystem, privateAddresses } from '../host/machine.ts'
import { version } from '../version.ts'
import type { AgentStatus } from './status.ts'

/** The heartbeat's row for what the agent knows at this moment. */
export function heartbeatItem(machine: MachineIdentity, status: AgentStatus, nowMs: number): HeartbeatItem {
  const system = operatingSystem()
  const [major = '', minor = ''] = system.version.split('.')
  return {
    Timestamp: new Date(nowMs).toISOString(),
    Computer: machine.computer,
    SourceComputerId: machine.sourceComputerId,
    VMUUID: machine.vmUuid,
    OSType: 'Linux',
    Category: 'Azure Monitor Agent',
    SCAgentChannel: 'Direct',
    Version: version,
    OSName: system.name,
    OSMajorVersion: major,
    OSMinorVersion: minor,
    ComputerPrivateIps: JSON.stringify(privateAddresses()),
    ExtensionVersion: status.extension?.version ?? '',
    ExtensionStatus: extensionText(status),
    RuleVersions: JSON.stringify(Object.fromEntries(status.rules.map(({ id, eTag }) => [id, eTag]))),
    BacklogBytes: status.streams.reduce((sum, { backlogBytes }) => sum + backlogBytes, 0),
  }
}

function extensionText({ extension }: AgentStatus): string {
  if (extension === undefined) return ''
  return extension.detail === '' ? extension.status : `${extension.status}: ${extension.detail}`
}
