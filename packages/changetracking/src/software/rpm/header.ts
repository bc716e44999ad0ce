/** What is read of a package's header; absent where it has no such tag. */
export interface RpmHeader {
  readonly name: string
  readonly version: string
  readonly release: string
  readonly epoch?: string
  readonly summary?: string
  readonly packager?: string
  readonly architecture?: string
  readonly installedSeconds?: number
  readonly sizeBytes?: number
}

/** A header, or why it is none. */
export type ReadHeader =
  | { readonly kind: 'header'; readonly header: RpmHeader }
  | { readonly kind: 'problem'; readonly problem: string }

// rpmtag.h
const NAME = 1000
const VERSION = 1001
const RELEASE = 1002
const EPOCH = 1003
const SUMMARY = 1004
const INSTALLTIME = 1008
const SIZE = 1009
const PACKAGER = 1015
const ARCH = 1022
const LONGSIZE = 5009
const WANTED = new Set([NAME, VERSION, RELEASE, EPOCH, SUMMARY, INSTALLTIME, SIZE, PACKAGER, ARCH, LONGSIZE])

// Types of an entry's data (rpmtag.h).
const INT32 = 4
const INT64 = 5
const STRING = 6
const STRING_ARRAY = 8
const I18NSTRING = 9

const ENTRY_BYTES = 16
const INTRO_BYTES = 8
/** Entries of one header at most (rpm's own limit, HEADER_TAGS_MAX). */
export const ENTRIES_MAX = 0xffff
/** Bytes of a header's data at most (rpm's own limit, HEADER_DATA_MAX). */
export const DATA_BYTES_MAX = 0x0fff_ffff

/**
 * Reads a header as rpm's databases keep it (no magic before it). Total. A tag that comes twice counts as it comes last: what
 * was added at installation stands behind the package's own region and replaces what is in it.
 *
 *     ┌ entries u32 ┬ bytes of data u32 ┬ entries × { tag u32 ┬ type u32 ┬ offset i32 ┬ count u32 } ┬ data … ┐   big-endian
 */
export function parseHeader(blob: Uint8Array): ReadHeader {
  const bytes = Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength)
  if (bytes.length < INTRO_BYTES) return problem('it has no beginning')
  const entries = bytes.readUInt32BE(0)
  const dataBytes = bytes.readUInt32BE(4)
  if (entries === 0 || entries > ENTRIES_MAX || dataBytes > DATA_BYTES_MAX)
    return problem(`it says ${entries} entries and ${dataBytes} bytes`)
  const dataAt = INTRO_BYTES + entries * ENTRY_BYTES
  if (dataAt + dataBytes !== bytes.length)
    return problem(`it has ${bytes.length} bytes instead of ${dataAt + dataBytes}`)
  const data = bytes.subarray(dataAt)
  const cells = new Map<number, string | number>()
  for (let at = INTRO_BYTES; at < dataAt; at += ENTRY_BYTES) {
    const tag = bytes.readUInt32BE(at)
    if (!WANTED.has(tag)) continue
    const cell = cellOf(data, {
      type: bytes.readUInt32BE(at + 4),
      offset: bytes.readInt32BE(at + 8),
      count: bytes.readUInt32BE(at + 12),
    })
    if (cell === undefined) return problem(`its tag ${tag} cannot be read`)
    cells.set(tag, cell)
  }
  return headerOf(cells)
}

function headerOf(cells: ReadonlyMap<number, string | number>): ReadHeader {
  const text = (tag: number): string | undefined => {
    const cell = cells.get(tag)
    return cell === undefined ? undefined : String(cell)
  }
  const count = (tag: number): number | undefined => {
    const cell = cells.get(tag)
    return typeof cell === 'number' ? cell : undefined
  }
  const [name, version, release] = [text(NAME), text(VERSION), text(RELEASE)]
  if (name === undefined || version === undefined || release === undefined)
    return problem('it has no name, version or release')
  const header = {
    name,
    version,
    release,
    epoch: text(EPOCH),
    summary: text(SUMMARY),
    packager: text(PACKAGER),
    architecture: text(ARCH),
    installedSeconds: count(INSTALLTIME),
    // A package of 4 GiB and more has only the long one.
    sizeBytes: count(LONGSIZE) ?? count(SIZE),
  }
  return { kind: 'header', header: withoutAbsent(header) }
}

function withoutAbsent<T extends { readonly name: string; readonly version: string; readonly release: string }>(
  header: T,
): RpmHeader {
  const { name, version, release } = header
  return {
    ...Object.fromEntries(Object.entries(header).filter(([, cell]) => cell !== undefined)),
    name,
    version,
    release,
  }
}

/** The first value of an entry; of texts in several languages that is the one for everybody (C). */
function cellOf(
  data: Buffer,
  { type, offset, count }: { readonly type: number; readonly offset: number; readonly count: number },
): string | number | undefined {
  if (offset < 0 || count === 0) return undefined
  if (type === INT32) return offset + 4 > data.length ? undefined : data.readUInt32BE(offset)
  if (type === INT64) return offset + 8 > data.length ? undefined : Number(data.readBigUInt64BE(offset))
  if (type !== STRING && type !== STRING_ARRAY && type !== I18NSTRING) return undefined
  const end = data.indexOf(0, offset)
  return end < 0 ? undefined : data.toString('utf8', offset, end)
}

function problem(text: string): ReadHeader {
  return { kind: 'problem', problem: text }
}
