import { createHash } from 'node:crypto'
import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  realpathSync,
  statSync,
} from 'node:fs'
import { setImmediate } from 'node:timers/promises'

/** What the kernel says of a path. Times are nanoseconds since 1970, as text, for they do not fit a number. */
export interface FileFacts {
  readonly kind: 'file' | 'directory' | 'link' | 'fifo' | 'socket' | 'block device' | 'character device'
  readonly device: string
  readonly inode: string
  readonly sizeBytes: number
  /** Permission bits, setuid, setgid and sticky included (07777). */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly modifiedNs: string
  readonly changedNs: string
  readonly bornNs: string
}

/** The files of a machine as a walk sees them. Everything throws node's error with its `code` (ENOENT, EACCES…). */
export interface Disk {
  /** Of the path itself, or of what a symbolic link leads to. */
  facts(path: Buffer, options: { readonly isFollowed: boolean }): FileFacts
  /** Names in a folder, as bytes in latin1 text, sorted. */
  names(path: Buffer): string[]
  linkTarget(path: Buffer): string
  realPath(path: Buffer): string
  /** Hex digest of a regular file's content and the facts that belong to it. */
  digest(path: Buffer, algorithm: 'sha256' | 'md5'): { readonly hex: string; readonly facts: FileFacts }
  /** Text of a small file such as /etc/passwd; empty where it cannot be read. */
  text(path: string): string
  /** Lets other work of the process happen; called often, it waits rarely. */
  breathe(): Promise<void>
}

const BUFFER_BYTES = 256 * 1024
/** How long a walk may hold the process before it lets others have their turn, in milliseconds. */
const HELD_MS_MAX = 20
/** A file that changes while it is read is read again this often; then what was read last counts. */
const READS_MAX = 3

/** The disk of this machine. One buffer is used for everything that is read. */
export function openDisk(): Disk {
  const buffer = Buffer.allocUnsafe(BUFFER_BYTES)
  let heldSinceMs = performance.now()
  return {
    facts: (path, { isFollowed }) =>
      factsOf(isFollowed ? statSync(path, { bigint: true }) : lstatSync(path, { bigint: true })),
    names: (path) => readdirSync(path, { encoding: 'latin1' }).sort(),
    linkTarget: (path) => readlinkSync(path, { encoding: 'latin1' }),
    realPath: (path) => realpathSync(path, { encoding: 'latin1' }),
    digest: (path, algorithm) => digest(path, algorithm, buffer),
    text: (path) => {
      try {
        return readFileSync(path, 'utf8')
      } catch {
        return ''
      }
    },
    breathe: async () => {
      if (performance.now() - heldSinceMs < HELD_MS_MAX) return
      await setImmediate()
      heldSinceMs = performance.now()
    },
  }
}

function digest(path: Buffer, algorithm: 'sha256' | 'md5', buffer: Buffer): { hex: string; facts: FileFacts } {
  // O_NONBLOCK: a path that became a fifo since it was looked at must not hold the scan. O_NOATIME needs ownership.
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  try {
    for (let reads = 1; ; reads += 1) {
      const before = factsOf(fstatSync(descriptor, { bigint: true }))
      const hash = createHash(algorithm)
      let offset = 0
      if (before.kind === 'file')
        for (let count = -1; count !== 0; offset += count) {
          count = readSync(descriptor, buffer, 0, buffer.length, offset)
          hash.update(buffer.subarray(0, count))
        }
      const after = factsOf(fstatSync(descriptor, { bigint: true }))
      const isQuiet = before.changedNs === after.changedNs && before.sizeBytes === after.sizeBytes
      if (isQuiet || reads === READS_MAX) return { hex: hash.digest('hex'), facts: after }
    }
  } finally {
    closeSync(descriptor)
  }
}

function factsOf(stats: BigIntStats): FileFacts {
  return {
    kind: kindOf(Number(stats.mode)),
    device: String(stats.dev),
    inode: String(stats.ino),
    sizeBytes: Number(stats.size),
    mode: Number(stats.mode) & 0o7777,
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    modifiedNs: String(stats.mtimeNs),
    changedNs: String(stats.ctimeNs),
    bornNs: String(stats.birthtimeNs),
  }
}

const KINDS: Readonly<Record<number, FileFacts['kind']>> = {
  [constants.S_IFREG]: 'file',
  [constants.S_IFDIR]: 'directory',
  [constants.S_IFLNK]: 'link',
  [constants.S_IFIFO]: 'fifo',
  [constants.S_IFSOCK]: 'socket',
  [constants.S_IFBLK]: 'block device',
}

function kindOf(mode: number): FileFacts['kind'] {
  return KINDS[mode & constants.S_IFMT] ?? 'character device'
}
