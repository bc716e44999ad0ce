import { BoltError } from './bolt-error.ts'
import { PAGE_SIZE_MAX, PAGE_SIZE_MIN } from './limits.ts'

// The layout of a bbolt file (bbolt: page.go, db.go), all numbers little-endian. docs in the package's README.
//
// page    ┌ id u64 ┬ flags u16 ┬ count u16 ┬ overflow u32 ┬ elements … ┬ keys and values … ┐  16-byte header
// meta    ┌ magic u32 ┬ version u32 ┬ page size u32 ┬ flags u32 ┬ root u64 ┬ sequence u64 ┬ freelist u64 ┬
//         │ high water page u64 ┬ transaction u64 ┬ FNV-1a 64 of all before u64 ┐
// branch  ┌ position u32 ┬ key size u32 ┬ page u64 ┐                 position counts from the element's own start
// leaf    ┌ flags u32 ┬ position u32 ┬ key size u32 ┬ value size u32 ┐
// bucket  ┌ root u64 ┬ sequence u64 ┐ and, when root is 0, a whole leaf page behind it (an inline bucket)

export const MAGIC = 0xed0cdaed
export const VERSION = 2
export const PAGE_HEADER_BYTES = 16
export const BRANCH_ELEMENT_BYTES = 16
export const LEAF_ELEMENT_BYTES = 16
export const BUCKET_HEADER_BYTES = 16
export const META_BYTES = 64

export const FLAG_BRANCH = 0x01
export const FLAG_LEAF = 0x02
export const FLAG_META = 0x04
export const FLAG_FREELIST = 0x10

/** On a leaf element: its value is a bucket. */
export const FLAG_BUCKET = 0x01

/** The freelist is not stored and has to be rebuilt (bbolt: pgidNoFreelist, all bits set). */
export const NO_FREELIST = -1

const NO_FREELIST_BITS = 0xffff_ffff_ffff_ffffn
const UINT32 = 2 ** 32

export interface Meta {
  readonly pageSize: number
  readonly root: number
  readonly sequence: bigint
  /** A page id, or `NO_FREELIST`. */
  readonly freelist: number
  /** One more than the highest page id in use: the file ends here. */
  readonly highWater: number
  readonly transactionId: number
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** A u64 as a number. Past 2^53 it is no longer exact, but still larger than any page that exists. */
export function getUint64(view: DataView, offset: number): number {
  return view.getUint32(offset, true) + view.getUint32(offset + 4, true) * UINT32
}

export function setUint64(view: DataView, offset: number, value: number): void {
  view.setUint32(offset, value % UINT32, true)
  view.setUint32(offset + 4, Math.floor(value / UINT32), true)
}

export interface PageHeader {
  readonly id: number
  readonly flags: number
  readonly count: number
  readonly overflow: number
}

export function writePageHeader(view: DataView, header: PageHeader): void {
  setUint64(view, 0, header.id)
  view.setUint16(8, header.flags, true)
  view.setUint16(10, header.count, true)
  view.setUint32(12, header.overflow, true)
}

/** A whole meta page. Its place alternates with the transaction: page 0 for even ones, page 1 for odd ones. */
export function encodeMetaPage(meta: Meta): Uint8Array {
  const bytes = new Uint8Array(meta.pageSize)
  const view = viewOf(bytes)
  writePageHeader(view, { id: meta.transactionId % 2, flags: FLAG_META, count: 0, overflow: 0 })
  view.setUint32(16, MAGIC, true)
  view.setUint32(20, VERSION, true)
  view.setUint32(24, meta.pageSize, true)
  setUint64(view, 32, meta.root)
  view.setBigUint64(40, meta.sequence, true)
  if (meta.freelist === NO_FREELIST) view.setBigUint64(48, NO_FREELIST_BITS, true)
  else setUint64(view, 48, meta.freelist)
  setUint64(view, 56, meta.highWater)
  setUint64(view, 64, meta.transactionId)
  view.setBigUint64(72, fnv1a64(bytes.subarray(16, 72)), true)
  return bytes
}

/** The meta in a page's first 80 bytes, or why it is none. */
export function decodeMetaPage(bytes: Uint8Array): Meta | BoltError {
  if (bytes.length < PAGE_HEADER_BYTES + META_BYTES) return new BoltError('file-truncated', 'the page ends too early')
  const view = viewOf(bytes)
  if (view.getUint32(16, true) !== MAGIC) return new BoltError('not-a-database', 'the magic number is missing')
  const version = view.getUint32(20, true)
  if (version !== VERSION) return new BoltError('version-unknown', `version ${version} is not ${VERSION}`)
  if (view.getBigUint64(72, true) !== fnv1a64(bytes.subarray(16, 72))) {
    return new BoltError('meta-damaged', 'the checksum is wrong')
  }
  const meta: Meta = {
    pageSize: view.getUint32(24, true),
    root: getUint64(view, 32),
    sequence: view.getBigUint64(40, true),
    freelist: view.getBigUint64(48, true) === NO_FREELIST_BITS ? NO_FREELIST : getUint64(view, 48),
    highWater: getUint64(view, 56),
    transactionId: getUint64(view, 64),
  }
  return isPlausible(meta) ? meta : new BoltError('meta-damaged', 'the checksum is right but a number is out of range')
}

export function isPageSize(value: number): boolean {
  return Number.isInteger(Math.log2(value)) && value >= PAGE_SIZE_MIN && value <= PAGE_SIZE_MAX
}

function isPlausible(meta: Meta): boolean {
  const isInside = (id: number): boolean => id >= 2 && id < meta.highWater
  return (
    isPageSize(meta.pageSize) &&
    meta.highWater * meta.pageSize <= Number.MAX_SAFE_INTEGER &&
    meta.transactionId < Number.MAX_SAFE_INTEGER &&
    isInside(meta.root) &&
    (meta.freelist === NO_FREELIST || isInside(meta.freelist))
  )
}

/** FNV-1a with 64 bits (http://www.isthe.com/chongo/tech/comp/fnv/). */
export function fnv1a64(bytes: Uint8Array): bigint {
  let hash = 0xcbf2_9ce4_8422_2325n
  for (const byte of bytes) hash = ((hash ^ BigInt(byte)) * 0x100_0000_01b3n) & 0xffff_ffff_ffff_ffffn
  return hash
}
