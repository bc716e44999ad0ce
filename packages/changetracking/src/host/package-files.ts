import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { createHash, hash as hashOnce } from 'node:crypto'

import { closeDescriptor, errorNameOf, NO_FOLDER, openFileAt, readAt, STATUS_BYTES, statusAt } from '@tidemark/linux'

import { bytesOf } from '../files/file-name.ts'
import { folderOf, nameOf } from '../files/path-parts.ts'
import type { PackageFiles, SeenFile } from '../packages/owners/package-files.ts'
import { openLogFiles } from './package-logs.ts'
import { openPackageTree, type PackageTree } from './package-tree.ts'

/** Bytes that are read at once where a checksum is made. */
const CHUNK_BYTES = 256 * 1024
// struct statx, statx(2): stx_mode u16 at 28, stx_size u64 at 40.
const MODE_AT = 28
const SIZE_AT = 40
const KINDS: Readonly<Record<number, SeenFile['kind']>> = { 0o10: 'file', 0o04: 'folder', 0o12: 'link' }

/** The databases and files of package managers below a root. */
export function openPackageFiles(root: string): PackageFiles {
  const places = root === '/' ? undefined : placesIn(openPackageTree(root))
  const at = (path: string): Buffer => (places === undefined ? bytesOf(path) : places.whole(path))
  // Of what is judged the last name is not followed.
  const named = (path: string): string => (places === undefined ? path : places.named(path).toString('latin1'))
  const logs = openLogFiles(root)
  const status = Buffer.alloc(STATUS_BYTES)
  return {
    read: (path) => quietly(() => readFileSync(at(path))),
    names: (folder) => quietly(() => readdirSync(at(folder), { encoding: 'latin1' })) ?? [],
    stamp: (path) =>
      quietly(() => {
        const { ino, mtimeNs, size } = statSync(at(path), { bigint: true })
        return `${ino} ${mtimeNs} ${size}`
      }),
    link: (path) => quietly(() => readlinkSync(bytesOf(named(path)), { encoding: 'latin1' })),
    place: (path) => at(path).toString('utf8'),
    isLocked: (paths) => logs.isLocked(paths),
    look: (path) => {
      const error = statusAt(NO_FOLDER, named(path), 'seen', status)
      if (error < 0) return errorNameOf(error)
      const kind = KINDS[status.readUInt16LE(MODE_AT) >> 12] ?? 'other'
      return { kind, sizeBytes: Number(status.readBigUInt64LE(SIZE_AT)) }
    },
    digest: (path, algorithm, { breathe }) => {
      const descriptor = openFileAt(NO_FOLDER, named(path), 'refused')
      if (descriptor < 0) return { why: errorNameOf(descriptor) }
      try {
        const first = readAt(descriptor, chunk, CHUNK_BYTES, 0)
        if (first < 0) return { why: errorNameOf(first) }
        breathe(first)
        // Most files are small: they end here, and one call makes their checksum.
        if (first < CHUNK_BYTES) return { hex: hashOnce(algorithm, chunk.subarray(0, first), 'hex') }
        const hash = createHash(algorithm).update(chunk)
        for (let done = first; ;) {
          const count = readAt(descriptor, chunk, CHUNK_BYTES, done)
          if (count < 0) return { why: errorNameOf(count) }
          if (count === 0) return { hex: hash.digest('hex') }
          hash.update(chunk.subarray(0, count))
          done += count
          breathe(count)
        }
      } finally {
        closeDescriptor(descriptor)
      }
    },
  }
}

const chunk = Buffer.allocUnsafe(CHUNK_BYTES)

/** Folders of which the place is remembered. */
const PLACES_MAX = 1_000

/** Paths in another tree for this machine's own calls: links are followed as in that tree, so that none leads out of it. */
function placesIn(tree: PackageTree): { whole(path: string): Buffer; named(path: string): Buffer } {
  const known = new Map<string, string | undefined>()
  const placeOf = (path: string): string | undefined => {
    if (known.has(path)) return known.get(path)
    if (known.size >= PLACES_MAX) known.clear()
    const place = quietly(() => tree.place(bytesOf(path).toString('utf8')))
    known.set(path, place)
    return place
  }
  const nowhere = Buffer.from(`${tree.root}/proc/nowhere/at/all`)
  return {
    whole: (path) => {
      const place = quietly(() => tree.place(bytesOf(path).toString('utf8')))
      return place === undefined ? nowhere : Buffer.from(place)
    },
    named: (path) => {
      const place = placeOf(folderOf(path))
      return place === undefined ? nowhere : Buffer.concat([Buffer.from(`${place}/`), bytesOf(nameOf(path))])
    },
  }
}

function quietly<T>(action: () => T): T | undefined {
  try {
    return action()
  } catch {
    return undefined
  }
}
