import { uuidFromName } from '@tidemark/base'
import { z } from 'zod'

/** Who a machine is, to the programs on it. */
export interface MachineIdentity {
  /** Host name. */
  readonly computer: string
  /** UUID made from /etc/machine-id (docs/decisions/0003): the same across renames. */
  readonly sourceComputerId: string
  /** The firmware's UUID where it can be read, else `sourceComputerId`. */
  readonly vmUuid: string
}

/**
 * The identity of a machine from what it tells about itself: its host name, the text of /etc/machine-id (32 hex digits,
 * machine-id(5); the host name stands in where there is none) and the firmware's UUID where it can be read. The machine
 * id itself never leaves the machine, as machine-id(5) asks: a hash of it does.
 */
export function machineIdentity(facts: {
  readonly hostName: string
  readonly machineId?: string
  readonly productUuid?: string
}): MachineIdentity {
  const sourceComputerId = uuidFromName(`tidemark-machine:${facts.machineId ?? `host:${facts.hostName}`}`)
  return { computer: facts.hostName, sourceComputerId, vmUuid: facts.productUuid?.toLowerCase() ?? sourceComputerId }
}

/** What `machine.json` holds: how this machine reaches its server. */
export const machineRegistration = z.object({
  serverUrl: z.url(),
  /** ARM id of the machine, `/subscriptions/…/machines/<name>`. */
  resourceId: z.string().startsWith('/subscriptions/'),
  region: z.string().min(1),
  /** Bearer token for the control plane; absent where the machine has a key of its own (`machine.key`). */
  token: z.string().min(1).optional(),
  /** PEM file of the authorities to believe besides the system's. */
  caFile: z.string().min(1).optional(),
  /** PEM files by which the machine shows itself in TLS, where the server asks for that. */
  certificateFile: z.string().min(1).optional(),
  certificateKeyFile: z.string().min(1).optional(),
})
export type MachineRegistration = z.infer<typeof machineRegistration>

/** What an extension tells the agent on the diagnostics socket, one record every minute and at each change. */
export const extensionStatus = z.object({
  ExtensionName: z.string(),
  Version: z.string(),
  /** `Ready`, `Baseline` (still looking for the first time), `Degraded` (something cannot be seen), `Stopped`. */
  Status: z.string(),
  /** One sentence, empty when all is well. */
  Detail: z.string(),
  /** JSON text: what is tracked, per type the counts and the time of the last run. */
  Summary: z.string(),
})
export type ExtensionStatus = z.infer<typeof extensionStatus>
