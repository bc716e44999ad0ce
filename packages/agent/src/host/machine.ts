import { readFileSync } from 'node:fs'
import { hostname, networkInterfaces } from 'node:os'

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

/** Name and version of the system (os-release(5)); empty where it does not say. */
export function operatingSystem(): { readonly name: string; readonly version: string } {
  const fields = new Map(
    (textOf('/etc/os-release') ?? '').split('\n').map((line): [string, string] => {
      const [name = '', value = ''] = line.split(/=(.*)/s)
      return [name, value.replace(/^(["'])(.*)\1$/, '$2')]
    }),
  )
  return { name: fields.get('NAME') ?? '', version: fields.get('VERSION_ID') ?? '' }
}

/** Addresses of this machine, loopback left out. */
export function privateAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((addresses) =>
    (addresses ?? []).filter(({ internal }) => !internal).map(({ address }) => address),
  )
}

/** Our process and the user it runs as. */
export const self = { pid: process.pid, uid: process.getuid?.() ?? -1 } as const

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return undefined
  }
}

/** Memory of our process, in bytes. */
export function residentBytes(): number {
  return process.memoryUsage.rss()
}
