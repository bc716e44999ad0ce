import type { Clock } from '@tidemark/base'
import {
  type ExtensionSettings,
  type MachineIdentity,
  machineIdentity,
  parseExtensionSettings,
  type Row,
} from '@tidemark/model'

import type { Collection, Gap } from '../collector.ts'
import { thisMachine } from '../host/machine.ts'
import { openPackageTree } from '../host/package-tree.ts'
import { openServicesMachine } from '../host/services-machine.ts'
import { collectServicesIn } from '../services/collect-in.ts'
import { servicesCollector } from '../services/collector.ts'
import { softwareCollector } from '../software/collector.ts'
import { softwareMachine } from '../software/machine.ts'

/** What is collected once, and where. */
export interface CollectOnceOptions {
  readonly type: 'Software' | 'Daemons'
  /** `/` is this machine; else the folder that another one has as its `/`: of it nothing is run, and no link leads out. */
  readonly root: string
  /** What a rule says; its defaults unless said. */
  readonly settings?: ExtensionSettings
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** What was found. */
export interface CollectOnceResult {
  /** One for each item, with the columns of `ConfigurationData`, by name. */
  readonly rows: readonly Row[]
  /** What could not be seen. */
  readonly gaps: readonly Gap[]
  /** How it was looked at where that is not the usual way. */
  readonly notes: readonly string[]
}

/**
 * Collects software or daemons now, without agent, server, rule or state. Throws what the kernel says where the root is no
 * folder; what cannot be read in it is a gap.
 */
export async function collectOnce(options: CollectOnceOptions): Promise<CollectOnceResult> {
  const { type, clock } = options
  const { items, gaps, notes = [] } = await collect(options)
  const { computer, sourceComputerId, vmUuid } = machineAt(options.root)
  const origin = {
    TimeGenerated: new Date(clock.nowMs()).toISOString(),
    Computer: computer,
    SourceComputerId: sourceComputerId,
    VMUUID: vmUuid,
    SourceSystem: 'Linux',
    ConfigDataType: type,
  }
  const name = type === 'Software' ? 'SoftwareName' : 'SvcName'
  const rows = [...items.values()]
    .map(({ columns }): Row => ({ ...origin, ...columns, DetectedBy: 'scan' }))
    .sort((one, other) => (String(one[name]) < String(other[name]) ? -1 : 1))
  return { rows, gaps, notes }
}

async function collect({ type, root, settings, signal }: CollectOnceOptions): Promise<Collection> {
  const asked = settings ?? parseExtensionSettings({}).settings
  const isHere = openPackageTree(root).root === '/'
  if (type === 'Daemons' && !isHere)
    return await collectServicesIn(root, { timers: asked.collectTimers, sockets: asked.collectSockets })
  const rules = [{ settings: asked }]
  const collector =
    type === 'Software' ? softwareCollector(softwareMachine(root)) : servicesCollector(openServicesMachine('/'))
  return await collector.collect(new Map(), signal, rules)
}

/** Bytes of /etc/hostname and /etc/machine-id at most. */
const NAME_BYTES_MAX = 4_096

/** Who the machine is that has this folder as its `/`; its folder's name where it does not say. */
function machineAt(root: string): MachineIdentity {
  const tree = openPackageTree(root)
  if (tree.root === '/') return thisMachine()
  const text = (path: string): string | undefined =>
    tree.read(path, NAME_BYTES_MAX)?.toString('utf8').trim() || undefined
  const hostName = text('/etc/hostname') ?? tree.root.slice(tree.root.lastIndexOf('/') + 1)
  const machineId = text('/etc/machine-id')
  return machineIdentity({ hostName, ...(machineId === undefined ? {} : { machineId }) })
}
