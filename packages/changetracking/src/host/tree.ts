import { Buffer } from 'node:buffer'
import {
  closeSync,
  constants,
  type Dirent,
  fstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  type Stats,
  statSync,
} from 'node:fs'

import type { Tree, TreeName, TreeStatus, TreeTrouble } from '../services/tree.ts'

/** Links that are followed for one path (the kernel's own limit). */
export const LINKS_MAX = 40
/** Troubles that are kept until somebody asks. */
const TROUBLES_MAX = 100
// Not in Node's constants: a descriptor that only stands for a place (open(2)).
const O_PATH = 0o10_000_000
const STEP_FLAGS = O_PATH | constants.O_NOFOLLOW
// A device, or a pipe that nobody writes to, must not hold us.
const READ_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY

/** What is simply not there. */
const ABSENT = /^(ENOENT|ENOTDIR|ELOOP|EINVAL|ESRCH|ENXIO)$/

/** This machine's files (`/`), or those below a folder, of which no link leads out, whoever changes them meanwhile. */
export function openTree(root: string): Tree {
  const troubles: TreeTrouble[] = []
  const attempt = <T>(path: string, action: () => T): T | undefined => {
    try {
      return action()
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : ''
      const reason = error instanceof Error ? error.message : String(error)
      if (!ABSENT.test(code) && troubles.length < TROUBLES_MAX) troubles.push({ path, reason })
      return undefined
    }
  }
  const place: Placer = root === '/' ? onMachine : below(root)
  return {
    root,
    names: (folder) => attempt(folder, () => place(folder, 'followed', namesIn)) ?? [],
    status: (path) => attempt(path, () => place(path, 'followed', (at) => statusOf(statSync(at)))),
    linkTarget: (path) => attempt(path, () => place(path, 'itself', (at) => readlinkSync(at))),
    read: (path, bytesMax) => attempt(path, () => place(path, 'followed', (at) => wholeFile(at, bytesMax))),
    takeTroubles: () => troubles.splice(0),
  }
}

/** Calls `use` with a path that the kernel takes for the place. */
type Placer = <T>(path: string, last: 'followed' | 'itself', use: (at: string) => T) => T

const onMachine: Placer = (path, _last, use) => use(path)

/**
 * Goes from folder to folder by descriptors, so that what was looked at is what is used: a link that somebody puts in the
 * way is seen as a link, and its target is looked for from the root.
 */
function below(root: string): Placer {
  return (path, last, use) => {
    const steps = [openSync(root, O_PATH | constants.O_DIRECTORY)]
    try {
      const waiting = segments(path).toReversed()
      let links = 0
      for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
        if (name === '..') {
          if (steps.length > 1) closeSync(steps.pop() ?? -1)
          continue
        }
        const at = `${placeOf(steps)}/${name}`
        if (last === 'itself' && waiting.length === 0) return use(at)
        const step = openSync(at, STEP_FLAGS)
        if (!fstatSync(step).isSymbolicLink()) {
          steps.push(step)
          continue
        }
        closeSync(step)
        links += 1
        if (links > LINKS_MAX)
          throw Object.assign(new Error(`${path}: more than ${LINKS_MAX} links`), { code: 'ELOOP' })
        const target = readlinkSync(at)
        if (target.startsWith('/')) for (const each of steps.splice(1)) closeSync(each)
        waiting.push(...segments(target).toReversed())
      }
      return use(placeOf(steps))
    } finally {
      for (const step of steps) closeSync(step)
    }
  }
}

function segments(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.')
}

function placeOf(steps: readonly number[]): string {
  return `/proc/self/fd/${steps.at(-1) ?? -1}`
}

function namesIn(folder: string): TreeName[] {
  return readdirSync(folder, { withFileTypes: true }).map((entry) => ({ name: entry.name, kind: kindOf(entry) }))
}

function kindOf(entry: Dirent): TreeName['kind'] {
  if (entry.isSymbolicLink()) return 'link'
  if (entry.isDirectory()) return 'folder'
  return entry.isFile() ? 'file' : 'other'
}

function statusOf(stats: Stats): TreeStatus {
  return {
    kind: stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : 'other',
    bytes: stats.size,
    isExecutable: (stats.mode & 0o111) !== 0,
    changedMs: stats.ctimeMs,
    stamp: `${stats.ino} ${stats.size} ${stats.ctimeMs}`,
  }
}

function wholeFile(path: string, bytesMax: number): Uint8Array | undefined {
  const descriptor = openSync(path, READ_FLAGS)
  try {
    if (!fstatSync(descriptor).isFile()) return undefined
    // Files of /proc have no size: what counts is what comes.
    let bytes = Buffer.allocUnsafe(READ_BYTES)
    let length = 0
    for (;;) {
      if (length === bytes.length) bytes = Buffer.concat([bytes, Buffer.allocUnsafe(bytes.length)])
      const count = readSync(descriptor, bytes, length, bytes.length - length, null)
      length += count
      if (length > bytesMax) throw new Error(`it has more than ${bytesMax} bytes`)
      if (count === 0) return bytes.subarray(0, length)
    }
  } finally {
    closeSync(descriptor)
  }
}

const READ_BYTES = 16_384
