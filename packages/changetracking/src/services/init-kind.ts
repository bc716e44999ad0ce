import type { Collection, Gap, Item } from '../collector.ts'
import { collectOpenrc } from './openrc/openrc.ts'
import { collectSysv } from './sysv/sysv.ts'
import type { Tree } from './tree.ts'

/** What starts the daemons of a running machine. */
export type Init = 'systemd' | 'openrc' | 'sysv' | 'none'

/** Which init runs here, from what it leaves in `/run` and from process 1. */
export function initOf(tree: Tree): Init {
  // sd_booted(3): the folder is there when systemd is process 1.
  if (tree.status('/run/systemd/system')?.kind === 'folder') return 'systemd'
  if (tree.status('/run/openrc/softlevel') !== undefined) return 'openrc'
  const bytes = tree.read('/proc/1/comm', COMM_BYTES_MAX)
  const program = bytes === undefined ? '' : Buffer.from(bytes).toString('latin1').trim()
  // Docker's own process 1 may be called init, too, but has no table of what to start.
  return program === 'init' && tree.status('/etc/inittab') !== undefined ? 'sysv' : 'none'
}

const COMM_BYTES_MAX = 4_096

/** The daemons where systemd does not run. */
export function collectInit(tree: Tree, init: Exclude<Init, 'systemd'>): Collection {
  if (init === 'none') {
    const detail = 'daemons are not seen: neither systemd nor OpenRC nor a SysV init runs here (is this a container?)'
    return { items: new Map(), isComplete: false, gaps: [{ reason: 'source-missing', subject: 'init', detail }] }
  }
  const items = init === 'openrc' ? collectOpenrc(tree, { isRunning: true }) : collectSysv(tree, { isRunning: true })
  return withTroubles(items, tree)
}

/** Items with what could not be read beside them. */
export function withTroubles(items: ReadonlyMap<string, Item>, tree: Tree): Collection {
  return { items, gaps: tree.takeTroubles().map(unreadable), isComplete: true }
}

/** What is told of a path that cannot be read. */
export function unreadable({ path, reason }: { readonly path: string; readonly reason: string }): Gap {
  const detail = `${path} cannot be read (${reason}); daemons are seen without it`
  return { reason: 'unreadable', subject: path, detail }
}
