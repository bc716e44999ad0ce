import type { Item } from '../../collector.ts'
import { initScriptItem, livingProcess, parseInitScript, type ScriptFacts, scriptText } from '../init-script.ts'
import { namesOf } from '../needs-restart.ts'
import type { Tree, TreeName } from '../tree.ts'

/** Where scripts and links are: Debian's place, and the one that Red Hat's is a link to. */
const PLACES = ['/etc', '/etc/rc.d'] as const
const LEVELS = ['0', '1', '2', '3', '4', '5', '6', 'S'] as const
/** Runlevels in which a machine serves; a service started in one of them, or when the machine comes up, is enabled. */
const SERVING = /[2345S]/
/** Names in the folder that are no services (insserv's and Debian's own). */
const NO_SERVICE =
  /^(?:README|skeleton|functions|rc|rcS|rc\.local|halt|reboot|single|\.depend\..*|.*[~]|.*\.(?:dpkg-.*|rpm(?:save|new|orig)))$/
/** Processes that are looked at for a service's program. */
export const PROCESSES_MAX = 100_000

/**
 * SysV's services: every script in `/etc/init.d`, the runlevels whose folders start it (`rc2.d/S01name`), and, where it runs, whether
 * its process lives: by the file with its number, else by its program. A script that names neither has no state.
 */
export function collectSysv(tree: Tree, { isRunning }: { readonly isRunning: boolean }): ReadonlyMap<string, Item> {
  const place = PLACES.find((each) => tree.names(`${each}/init.d`).length > 0) ?? PLACES[0]
  const levels = runlevelsOf(tree, place)
  const programs = isRunning ? programsOf(tree) : new Map<string, number>()
  const items = new Map<string, Item>()
  for (const entry of tree.names(`${place}/init.d`)) {
    const { name } = entry
    const path = `${place}/init.d/${name}`
    if (!isService(tree, { path, entry })) continue
    const text = scriptText(tree, path)
    if (text?.startsWith('#!') !== true) continue
    const facts = parseInitScript(text, name)
    const processId = isRunning ? mainProcess(tree, { name, facts, programs }) : undefined
    const runlevels = levels.get(name) ?? []
    items.set(
      name,
      initScriptItem({
        name,
        path,
        facts,
        controller: 'sysv',
        state: processId === undefined ? '' : processId > 0 ? 'Running' : 'Stopped',
        isEnabled: runlevels.some((level) => SERVING.test(level)),
        runlevels,
        processId,
      }),
    )
  }
  return items
}

function isService(tree: Tree, { path, entry }: { readonly path: string; readonly entry: TreeName }): boolean {
  if (entry.kind === 'folder' || entry.kind === 'other' || NO_SERVICE.test(entry.name)) return false
  const status = tree.status(path)
  return status?.kind === 'file' && status.isExecutable
}

/** Runlevels in which a script is started, in their order. */
function runlevelsOf(tree: Tree, place: string): ReadonlyMap<string, string[]> {
  const levels = new Map<string, string[]>()
  for (const level of LEVELS)
    for (const { name: link } of tree.names(`${place}/rc${level}.d`)) {
      const name = /^S\d\d(.+)$/.exec(link)?.[1]
      if (name !== undefined) levels.set(name, [...(levels.get(name) ?? []), level])
    }
  return levels
}

/** The lowest number of a process for each program that runs. */
function programsOf(tree: Tree): ReadonlyMap<string, number> {
  const programs = new Map<string, number>()
  const pids = tree
    .names('/proc')
    .flatMap(({ name }) => (/^\d+$/.test(name) ? [Number(name)] : []))
    .sort((one, other) => one - other)
  for (const pid of pids.slice(0, PROCESSES_MAX)) {
    const link = tree.linkTarget(`/proc/${pid}/exe`)?.replace(/ \(deleted\)$/, '')
    const program = link === undefined ? undefined : namesOf(tree, pid)(link)
    if (program !== undefined && !programs.has(program)) programs.set(program, pid)
  }
  return programs
}

/** The service's living process, 0 where it has none, `undefined` where nothing tells. */
function mainProcess(
  tree: Tree,
  from: { readonly name: string; readonly facts: ScriptFacts; readonly programs: ReadonlyMap<string, number> },
): number | undefined {
  const { name, facts, programs } = from
  const usual = [`/run/${name}.pid`, `/var/run/${name}.pid`, `/run/${name}/${name}.pid`]
  for (const file of [facts.pidFile, ...usual]) {
    const processId = file === undefined ? 0 : livingProcess(tree, file)
    if (processId > 0) return processId
  }
  if (facts.daemon !== undefined) return programs.get(facts.daemon) ?? 0
  return facts.pidFile === undefined ? undefined : 0
}
