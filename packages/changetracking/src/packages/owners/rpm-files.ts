import type { PathBytes } from '../../files/file-name.ts'
import type { Expected } from './package-database.ts'
import type { DigestAlgorithm } from './package-files.ts'

// rpmtag.h
const NAME = 1000
const VERSION = 1001
const RELEASE = 1002
const EPOCH = 1003
const FILESTATES = 1029
const FILEMODES = 1030
const FILEDIGESTS = 1035
const FILEFLAGS = 1037
const FILEVERIFYFLAGS = 1045
const DIRINDEXES = 1116
const BASENAMES = 1117
const DIRNAMES = 1118
const FILEDIGESTALGO = 5011
const INT16 = 3
const INT32 = 4
const STRING = 6
const STRING_ARRAY = 8
const ENTRY_BYTES = 16
const INTRO_BYTES = 8
// rpmfiles.h: RPMFILE_CONFIG, RPMFILE_GHOST; rpmvf.h: RPMVERIFY_FILEDIGEST; states that mean that it is there.
const IS_CONFIG = 1
const IS_GHOST = 1 << 6
const VERIFIES_DIGEST = 1
const STATE_NORMAL = 0
const STATE_REPLACED = 1
// RFC 9580 §9.5, as rpm numbers its algorithms; MD5 where it says nothing.
const ALGORITHMS: Readonly<Record<number, DigestAlgorithm>> = {
  1: 'md5',
  2: 'sha1',
  8: 'sha256',
  9: 'sha384',
  10: 'sha512',
  11: 'sha224',
}

/** The files of a package as its header has them. */
export interface RpmFiles {
  readonly name: string
  /** `epoch:version-release`, with epoch 0 where it has none, as the inventory tells it. */
  readonly version: string
  readonly files: readonly RpmFile[]
}

/** One of them. */
export interface RpmFile {
  readonly path: PathBytes
  readonly isConfig: boolean
  readonly expected: Expected
}

/**
 * Reads what a header says of its files (no magic before it; see software/rpm/header.ts for its drawing). Throws a
 * `RangeError` where its entries lead out of it.
 */
export function parseRpmFiles(blob: Uint8Array): RpmFiles {
  const tags = new RpmTags(Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength))
  const epoch = tags.numbers(EPOCH)[0] ?? 0
  const [names, folders] = [tags.texts(BASENAMES), tags.texts(DIRNAMES)]
  const indexes = tags.numbers(DIRINDEXES)
  const [digests, flags] = [tags.texts(FILEDIGESTS), tags.numbers(FILEFLAGS)]
  const [verify, modes, states] = [tags.numbers(FILEVERIFYFLAGS), tags.numbers(FILEMODES), tags.bytes(FILESTATES)]
  const algorithm = ALGORITHMS[tags.numbers(FILEDIGESTALGO)[0] ?? 1]
  const files = names.flatMap((name, at): RpmFile[] => {
    const state = states?.[at] ?? STATE_NORMAL
    // Left out when it was installed: of another architecture, or a kind that this machine does not want.
    if (state !== STATE_NORMAL && state !== STATE_REPLACED) return []
    const flag = flags[at] ?? 0
    const known = { algorithm, hex: digests[at] ?? '', isGhost: (flag & IS_GHOST) !== 0, mode: modes[at] ?? 0 }
    const isVerified = ((verify[at] ?? VERIFIES_DIGEST) & VERIFIES_DIGEST) !== 0
    return [
      {
        path: `${folders[indexes[at] ?? 0] ?? '/'}${name}`,
        isConfig: (flag & IS_CONFIG) !== 0,
        expected: expectedOf({ ...known, isVerified, isReplaced: state === STATE_REPLACED }),
      },
    ]
  })
  const [version, release] = [VERSION, RELEASE].map((tag) => tags.texts(tag)[0] ?? '')
  return { name: tags.texts(NAME)[0] ?? '', version: `${epoch}:${version}-${release}`, files }
}

function expectedOf(file: {
  readonly algorithm: DigestAlgorithm | undefined
  readonly hex: string
  readonly isGhost: boolean
  readonly mode: number
  readonly isVerified: boolean
  readonly isReplaced: boolean
}): Expected {
  const { algorithm, hex } = file
  if (file.isGhost)
    return { kind: 'unknown', why: 'its package names it and does not bring it (%ghost)', mayBeMissing: true }
  if (file.isReplaced) return { kind: 'unknown', why: 'another package replaced it' }
  if (hex === '') return { kind: 'unknown', why: 'rpm keeps checksums of plain files only' }
  if (!file.isVerified) return { kind: 'unknown', why: 'its package asks not to compare its content (%verify)' }
  if (algorithm === undefined) return { kind: 'unknown', why: 'its checksum is of an unknown algorithm' }
  return { kind: 'content', algorithm, hex }
}

/** Values by tag; one that comes twice counts as it comes last. */
class RpmTags {
  readonly #data: Buffer
  readonly #entries = new Map<number, { readonly type: number; readonly offset: number; readonly count: number }>()

  constructor(bytes: Buffer) {
    const entries = bytes.readUInt32BE(0)
    const dataAt = INTRO_BYTES + entries * ENTRY_BYTES
    if (dataAt > bytes.length) throw new RangeError('a header is shorter than its index')
    this.#data = bytes.subarray(dataAt)
    for (let at = INTRO_BYTES; at < dataAt; at += ENTRY_BYTES) {
      const [tag = 0, type = 0, offset = 0, count = 0] = [0, 4, 8, 12].map((more) => bytes.readUInt32BE(at + more))
      this.#entries.set(tag, { type, offset, count })
    }
  }

  /** Texts, one character for each byte. */
  texts(tag: number): string[] {
    const { type, offset, count } = this.#entries.get(tag) ?? { type: STRING, offset: 0, count: 0 }
    if (type !== STRING && type !== STRING_ARRAY) return []
    const texts: string[] = []
    for (let at = offset, left = count; left > 0; left -= 1) {
      const end = this.#data.indexOf(0, at)
      if (end < 0) throw new RangeError(`tag ${tag} of a header has no end`)
      texts.push(this.#data.toString('latin1', at, end))
      at = end + 1
    }
    return texts
  }

  numbers(tag: number): number[] {
    const { type, offset, count } = this.#entries.get(tag) ?? { type: INT32, offset: 0, count: 0 }
    if (type !== INT16 && type !== INT32) return []
    const width = type === INT16 ? 2 : 4
    if (offset + count * width > this.#data.length) throw new RangeError(`tag ${tag} of a header leads out of it`)
    return Array.from({ length: count }, (_, index) => this.#data.readUIntBE(offset + index * width, width))
  }

  bytes(tag: number): Buffer | undefined {
    const entry = this.#entries.get(tag)
    return entry === undefined ? undefined : this.#data.subarray(entry.offset, entry.offset + entry.count)
  }
}
