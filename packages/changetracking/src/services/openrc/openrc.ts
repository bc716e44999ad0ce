import type { Item } from '../../collector.ts'
import { initScriptItem, livingProcess, parseInitScript, scriptText } from '../init-script.ts'
import type { Tree } from '../tree.ts'

const SCRIPTS = '/etc/init.d'
const RUNLEVELS = '/etc/runlevels'
const STATE = '/run/openrc'

/** States of a service, as OpenRC names the folders in which it keeps them (rc_service_state), the telling ones first. */
const STATES = [
  ['failed', 'Failed'],
  ['starting', 'Starting'],
  ['stopping', 'Stopping'],
  ['inactive', 'Inactive'],
  ['started', 'Running'],
  ['scheduled', 'Scheduled'],
] as const

/**
 * OpenRC's services: every script in `/etc/init.d`, in which runlevels it is, and, where it runs, the state that OpenRC keeps
 * in `/run/openrc`. A service that is started but whose process is gone is `Crashed`, as `rc-status` says.
 */
export function collectOpenrc(tree: Tree, { isRunning }: { readonly isRunning: boolean }): ReadonlyMap<string, Item> {
  const levels = runlevelsOf(tree)
  const states = isRunning ? statesOf(tree) : new Map<string, string>()
  const items = new Map<string, Item>()
  for (const { name, kind } of tree.names(SCRIPTS)) {
    const path = `${SCRIPTS}/${name}`
    if (kind === 'folder' || kind === 'other' || !isScript(tree, path)) continue
    const text = scriptText(tree, path)
    if (text === undefined || !OPENRC_SCRIPT.test(text)) continue
    const facts = parseInitScript(text, name)
    const runlevels = levels.get(name) ?? []
    const state = states.get(name) ?? (isRunning ? 'Stopped' : '')
    const processId = isRunning && state === 'Running' ? mainProcess(tree, { name, pidFile: facts.pidFile }) : undefined
    items.set(
      name,
      initScriptItem({
        name,
        path,
        facts,
        controller: 'openrc',
        state: processId === 0 ? 'Crashed' : state,
        isEnabled: runlevels.length > 0,
        runlevels,
        processId,
      }),
    )
  }
  return items
}

/** OpenRC's own scripts, and those of SysV that it runs as well; functions that are sourced lie in the folder, too. */
const OPENRC_SCRIPT = /^#!\s*\S*(?:openrc-run|runscript)\b|^### BEGIN INIT INFO\s*$/m

function isScript(tree: Tree, path: string): boolean {
  const status = tree.status(path)
  return status?.kind === 'file' && status.isExecutable
}

function runlevelsOf(tree: Tree): ReadonlyMap<string, string[]> {
  const levels = new Map<string, string[]>()
  for (const { name: level, kind } of tree.names(RUNLEVELS)) {
    if (kind !== 'folder') continue
    for (const { name } of tree.names(`${RUNLEVELS}/${level}`)) levels.set(name, [...(levels.get(name) ?? []), level])
  }
  for (const each of levels.values()) each.sort()
  return levels
}

function statesOf(tree: Tree): ReadonlyMap<string, string> {
  const states = new Map<string, string>()
  for (const [folder, state] of STATES)
    for (const { name } of tree.names(`${STATE}/${folder}`)) if (!states.has(name)) states.set(name, state)
  return states
}

/**
 * The living process of a started service, 0 where it had one that is gone; `undefined` where OpenRC knows of none. What
 * start-stop-daemon started is in `/run/openrc/daemons/<service>/`:
 *
 *     exec=/usr/sbin/sshd
 *     pidfile=/run/sshd.pid
 */
function mainProcess(
  tree: Tree,
  { name, pidFile }: { readonly name: string; readonly pidFile: string | undefined },
): number | undefined {
  const folder = `${STATE}/daemons/${name}`
  const files = tree.names(folder).flatMap(({ name: each }) => {
    const text = scriptText(tree, `${folder}/${each}`) ?? ''
    return [...text.matchAll(/^pidfile=(.+)$/gm)].map((match) => match[1] ?? '')
  })
  const [first] = files.length > 0 ? files : pidFile === undefined ? [] : [pidFile]
  if (first === undefined) return undefined
  const processId = livingProcess(tree, first)
  // Without OpenRC's own word for it, a missing file may be one that we understood wrongly.
  return processId === 0 && files.length === 0 ? undefined : processId
}
