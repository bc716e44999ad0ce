import type { Collection } from '../collector.ts'
import { openTree } from '../host/tree.ts'
import { unreadable, withTroubles } from './init-kind.ts'
import { collectOpenrc } from './openrc/openrc.ts'
import { collectSysv } from './sysv/sysv.ts'
import { collectTree } from './units/collect-tree.ts'
import { type UnitType, unitTypes } from './units/unit-name.ts'

/** What is collected beside services. */
export interface CollectInOptions {
  readonly timers?: boolean
  readonly sockets?: boolean
}

/**
 * The daemons that are set up below a folder: an image, a container, a captured tree. Nothing of it is run and no link leads out of
 * it; what only a running manager knows is empty. systemd's units where there are some, else OpenRC's services, else SysV's; with
 * none of them the collection is not complete, and a gap says so.
 */
export async function collectServicesIn(root: string, options: CollectInOptions = {}): Promise<Collection> {
  await Promise.resolve()
  const tree = openTree(root)
  const types = new Set<UnitType>(
    unitTypes.filter((type) => type === 'service' || options[type === 'timer' ? 'timers' : 'sockets'] === true),
  )
  if (tree.status('/etc/runlevels')?.kind === 'folder')
    return withTroubles(collectOpenrc(tree, { isRunning: false }), tree)
  const units = collectTree(tree, types)
  if (units.size > 0) return withTroubles(units, tree)
  const scripts = collectSysv(tree, { isRunning: false })
  if (scripts.size > 0) return withTroubles(scripts, tree)
  const detail = `daemons are not seen: there are no unit files and no init scripts below ${root}`
  const gaps = [...tree.takeTroubles().map(unreadable), { reason: 'source-missing', subject: root, detail } as const]
  return { items: new Map(), gaps, isComplete: false }
}
