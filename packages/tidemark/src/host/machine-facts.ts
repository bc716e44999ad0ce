import { hostname } from 'node:os'

import { type MachineIdentity, machineIdentity } from '@tidemark/model'

import { readTextIfThere } from './files.ts'

/** Who this machine is; the agent finds the same from the same files. */
export function thisMachine(): MachineIdentity {
  const machineId = readTextIfThere('/etc/machine-id')?.trim()
  return machineIdentity({ hostName: hostname(), ...(machineId ? { machineId } : {}) })
}
