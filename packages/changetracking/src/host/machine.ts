import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'

import { type MachineIdentity, machineIdentity } from '@tidemark/model'

/** Who this machine is, from what it tells. */
export function thisMachine(): MachineIdentity {
  const machineId = textOf('/etc/machine-id')
  const productUuid = textOf('/sys/class/dmi/id/product_uuid')
  return machineIdentity({
    hostName: hostname(),
    ...(machineId ? { machineId } : {}),
    ...(productUuid ? { productUuid } : {}),
  })
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return undefined
  }
}

/** Our own process id. */
export const processId = process.pid
