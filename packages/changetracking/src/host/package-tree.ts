import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  realpathSync,
  statSync,
} from 'node:fs'
import { join } from 'node:path'

/** Symbolic links that are followed for one path, as the kernel has it (path_resolution(7)). */
const LINKS_MAX = 40
/** Bytes read at once. */
const PIECE_BYTES = 1024 * 1024

/** Why something in a tree cannot be read, other than that it is not there. */
export class PackageTreeError extends Error {
  override readonly name = 'PackageTreeError'
}

/**
 * The files below one folder as a machine sees them that has it as its root: absolute links and `..` begin and end there,
 * so that no path leads out of it. Paths are absolute in that machine. The tree need not be this machine's.
 */
export interface PackageTree {
  /** The folder itself, without links. */
  readonly root: string
  /** A file in pieces; each piece is good until the next. `undefined` where it is not there, `PackageTreeError` where it cannot be read. */
  pieces(path: string, bytesMax: number): Iterable<Buffer> | undefined
  /** A whole file of at most `bytesMax`; `undefined` and `PackageTreeError` as above. */
  read(path: string, bytesMax: number): Buffer | undefined
  /** Names in a folder, sorted; `undefined` where there is none. */
  names(path: string): string[] | undefined
  /** Text that is the same as long as a file is the same: place, size, times. `undefined` where it is not there. */
  stamp(path: string): string | undefined
  /** What a symbolic link says; `undefined` where there is none. */
  linkTarget(path: string): string | undefined
  /** The path for this machine's own calls, links resolved within the tree; `undefined` where it is not there. */
  place(path: string): string | undefined
}

/** The files below a folder; `/` is this machine's own. Throws what the kernel says where the folder is none. */
export function openPackageTree(folder: string): PackageTree {
  const root = realpathSync(folder)
  const place = (path: string): string | undefined => placeIn(root, path)
  return {
    root,
    place,
    pieces: (path, bytesMax) => {
      const opened = openIn(root, path)
      return opened === undefined ? undefined : piecesOf(opened, { path, bytesMax })
    },
    read: (path, bytesMax) => {
      const opened = openIn(root, path)
      if (opened === undefined) return undefined
      return Buffer.concat([...piecesOf(opened, { path, bytesMax })].map((piece) => Buffer.from(piece)))
    },
    names: (path) => {
      const folderPlace = place(path)
      if (folderPlace === undefined) return undefined
      return attempt(path, () => readdirSync(folderPlace).sort())
    },
    stamp: (path) => {
      const filePlace = place(path)
      const stats = filePlace === undefined ? undefined : statusOf(filePlace)
      return stats === undefined
        ? undefined
        : [stats.dev, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(' ')
    },
    linkTarget: (path) => {
      const folderPlace = place(path.slice(0, path.lastIndexOf('/')) || '/')
      if (folderPlace === undefined) return undefined
      return attempt(path, () => {
        const linkPlace = join(folderPlace, path.slice(path.lastIndexOf('/') + 1))
        return lstatSync(linkPlace, { throwIfNoEntry: false })?.isSymbolicLink() === true
          ? readlinkSync(linkPlace)
          : undefined
      })
    },
  }
}

// The machine's own root needs no resolving: the kernel does it.
function placeIn(root: string, path: string): string | undefined {
  if (root === '/') return statusOf(path) === undefined ? undefined : path
  let links = 0
  let names = path.split('/').toReversed()
  let at = root
  while (names.length > 0) {
    const name = names.pop() ?? ''
    if (name === '' || name === '.') continue
    if (name === '..') {
      at = at === root ? root : at.slice(0, at.lastIndexOf('/'))
      continue
    }
    const next = join(at, name)
    const stats = attempt(path, () => lstatSync(next, { throwIfNoEntry: false }))
    if (stats === undefined) return undefined
    if (!stats.isSymbolicLink()) {
      at = next
      continue
    }
    links += 1
    if (links > LINKS_MAX) throw new PackageTreeError(`${path}: more than ${LINKS_MAX} symbolic links`)
    const target = attempt(path, () => readlinkSync(next)) ?? ''
    if (target.startsWith('/')) at = root
    names = [...names, ...target.split('/').toReversed()]
  }
  return at
}

function statusOf(place: string): BigIntStats | undefined {
  return attempt(place, () => statSync(place, { bigint: true, throwIfNoEntry: false }))
}

/** Opens a file without waiting (a fifo would); where links were resolved by hand, none may have come in between. */
function openIn(root: string, path: string): number | undefined {
  const place = placeIn(root, path)
  if (place === undefined) return undefined
  const links = root === '/' ? 0 : constants.O_NOFOLLOW
  const descriptor = attempt(path, () => openSync(place, constants.O_RDONLY | constants.O_NONBLOCK | links))
  if (descriptor === undefined) return undefined
  try {
    if (!fstatSync(descriptor).isFile()) throw new PackageTreeError(`${path} is no file`)
    if (root !== '/') assertInside(root, { path, descriptor })
    return descriptor
  } catch (error) {
    closeSync(descriptor)
    throw error
  }
}

/** A folder on the way may have become a link while it was looked at: what is open now tells where it led. */
function assertInside(
  root: string,
  { path, descriptor }: { readonly path: string; readonly descriptor: number },
): void {
  const real = readlinkSync(`/proc/self/fd/${descriptor}`)
  if (!real.startsWith(`${root}/`)) throw new PackageTreeError(`${path} leads out of ${root}`)
}

function* piecesOf(
  descriptor: number,
  { path, bytesMax }: { readonly path: string; readonly bytesMax: number },
): Generator<Buffer> {
  try {
    const { size } = fstatSync(descriptor)
    if (size > bytesMax) throw new PackageTreeError(`${path} has ${size} bytes; at most ${bytesMax} are read`)
    const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, size + 1))
    let total = 0
    for (;;) {
      const count = attempt(path, () => readSync(descriptor, piece, 0, piece.length, null)) ?? 0
      if (count === 0) return
      total += count
      if (total > bytesMax) throw new PackageTreeError(`${path} has more than ${bytesMax} bytes`)
      yield piece.subarray(0, count)
    }
  } finally {
    closeSync(descriptor)
  }
}

/** What is not there is `undefined`; what is there and cannot be read is told. */
function attempt<T>(path: string, act: () => T): T | undefined {
  try {
    return act()
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
    throw new PackageTreeError(`${path} cannot be read: ${error.message}`, { cause: error })
  }
}
