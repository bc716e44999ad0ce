import type { BusValue } from './bus/value.ts'
import { listOf, textOf } from './bus/value.ts'
import type { Tree } from './tree.ts'
import { activeSinceMs, isInUse, needsReload } from './units/unit-item.ts'

/** Bytes of one file of /proc that are read: maps of the largest Java programs have less. */
const PROC_BYTES_MAX = 16 * 1024 * 1024
/** Processes of one service that are looked at, its main one first. */
export const PROCESSES_MAX = 16
/** Replaced files that are named in one reason. */
export const NAMED_MAX = 5

/** What a service runs, and why it should be started anew; no reasons where it need not. */
export interface RestartNeed {
  /** The program of its main process, as it is called now; empty where it has none. */
  readonly executable: string
  /** Sentences without a point at the end. */
  readonly reasons: readonly string[]
}

/**
 * A service needs a restart when it runs files that were replaced or deleted since it was started (its program, libraries),
 * or was started before its unit file or a drop-in was changed.
 */
export function needsRestart(
  tree: Tree,
  { properties, processId }: { readonly properties: ReadonlyMap<string, BusValue>; readonly processId: number },
): RestartNeed {
  if (!isInUse(properties) || textOf(properties.get('ActiveState')) === 'failed') return { executable: '', reasons: [] }
  const reasons: string[] = []
  const program = processId === 0 ? undefined : tree.linkTarget(`/proc/${processId}/exe`)
  const replaced = processId === 0 ? [] : replacedFiles(tree, processId)
  if (replaced.length > 0) {
    const more = replaced.length > NAMED_MAX ? `, and ${replaced.length - NAMED_MAX} more` : ''
    reasons.push(`runs what was replaced or deleted: ${replaced.slice(0, NAMED_MAX).join(', ')}${more}`)
  }
  const changed = changedConfiguration(tree, properties)
  if (changed.length > 0) reasons.push(`was started before ${changed.join(', ')} changed`)
  if (needsReload(properties))
    reasons.push('its unit files changed and systemd has not read them again (daemon-reload)')
  return { executable: program === undefined ? '' : withoutMark(namesOf(tree, processId)(program)), reasons }
}

/**
 * How files are called that the kernel tells of a process. Where its root was moved onto a folder of an older one, as
 * containers' roots are, the kernel puts that folder in front, and nothing is there for anybody.
 */
export function namesOf(tree: Tree, processId: number): (path: string) => string {
  const moved = tree.linkTarget(`/proc/${processId}/root`) ?? '/'
  if (moved === '/' || tree.status(moved) !== undefined) return (path) => path
  return (path) => (path.startsWith(`${moved}/`) ? path.slice(moved.length) : path)
}

const DELETED = ' (deleted)'

function withoutMark(path: string): string {
  return path.endsWith(DELETED) ? path.slice(0, -DELETED.length) : path
}

/** Files that processes of a service execute and that are no more there under their name, in alphabetic order. */
function replacedFiles(tree: Tree, processId: number): string[] {
  const found = new Set<string>()
  for (const pid of processesOf(tree, processId))
    for (const path of replacedIn(textAt(tree, `/proc/${pid}/maps`), namesOf(tree, pid))) found.add(path)
  return [...found].sort()
}

/** The main process and others of its control group. */
function processesOf(tree: Tree, processId: number): number[] {
  // cgroups(7): the line with 0 is of version 2, the one that systemd names its own of version 1.
  const group = /^(?:0::|\d+:name=systemd:)(\/.*)$/m.exec(textAt(tree, `/proc/${processId}/cgroup`))?.[1]
  const folder = group === undefined || group === '/' ? undefined : group
  const members =
    folder === undefined
      ? ''
      : textAt(tree, `/sys/fs/cgroup${folder}/cgroup.procs`) ||
        textAt(tree, `/sys/fs/cgroup/systemd${folder}/cgroup.procs`)
  const pids = members.split('\n').filter(Boolean).map(Number)
  return [...new Set([processId, ...pids])].slice(0, PROCESSES_MAX)
}

/**
 * Paths in a text of /proc/PID/maps (proc_pid_maps(5)) that are mapped for execution and marked as deleted: a file that was
 * replaced is deleted under its old inode. What programs make to run code of their own (memfd, shared memory, in folders
 * for temporary files) is deleted as a habit, and no reason. `inside` gives a path its name in the machine's own tree.
 *
 *     7f12-7f34 r-xp 00000000 fe:01 1234   /usr/lib/x86_64-linux-gnu/libc.so.6 (deleted)
 */
export function replacedIn(maps: string, inside: (path: string) => string = (path) => path): string[] {
  const found = new Set<string>()
  for (const line of maps.split('\n')) {
    if (!line.endsWith(DELETED)) continue
    const [, told] = /^\S+ ..x. \S+ \S+ \d+\s+(\/.*) \(deleted\)$/.exec(line) ?? []
    const path = told === undefined ? undefined : inside(told)
    if (path !== undefined && !/^\/(?:memfd:|dev\/|SYSV|run\/|tmp\/|var\/tmp\/|\[)/.test(path)) found.add(path)
  }
  return [...found]
}

/** Folders whose files systemd writes itself, often, and reads at once. */
const OWN_FOLDERS = /^\/(?:run\/systemd\/(?:generator|transient|system\.control)|etc\/systemd\/system\.control)/

/** Unit file and drop-ins that changed since the unit came up. */
function changedConfiguration(tree: Tree, properties: ReadonlyMap<string, BusValue>): string[] {
  const sinceMs = activeSinceMs(properties)
  if (sinceMs === 0) return []
  const paths = [properties.get('FragmentPath'), ...listOf(properties.get('DropInPaths'))].map(textOf)
  return paths.filter((path) => {
    if (path === '' || OWN_FOLDERS.test(path)) return false
    const status = tree.status(path)
    return status?.kind === 'file' && status.changedMs > sinceMs
  })
}

function textAt(tree: Tree, path: string): string {
  const bytes = tree.read(path, PROC_BYTES_MAX)
  return bytes === undefined ? '' : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
}
