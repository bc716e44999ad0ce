import type { BoltFile } from './bolt-file.ts'
import { BoltError } from './bolt-error.ts'
import { BRANCH_ELEMENT_BYTES, FLAG_LEAF, getUint64, PAGE_HEADER_BYTES, viewOf } from './format.ts'
import { Page, pageDamaged, usedBytes } from './page.ts'

/** Reads and writes pages. Keeps the ones read last, at most `cacheBytesMax` of them; one larger than that is not kept. */
export class Pager {
  readonly path: string
  readonly pageSize: number
  readonly #file: BoltFile
  readonly #halfBytesMax: number
  // Two generations: what is asked for moves to the young one; when that holds half of the budget it becomes the old
  // one, and what nobody asked for since then is dropped.
  #young = new Map<number, Page>()
  #old = new Map<number, Page>()
  #youngBytes = 0

  constructor(file: BoltFile, settings: { path: string; pageSize: number; cacheBytesMax: number }) {
    this.#file = file
    this.path = settings.path
    this.pageSize = settings.pageSize
    this.#halfBytesMax = settings.cacheBytesMax / 2
  }

  /** The branch or leaf page `id` of a tree whose pages end at `highWater`. */
  page(id: number, highWater: number): Page {
    const known = this.#young.get(id)
    if (known !== undefined) return known
    const page = this.#old.get(id) ?? new Page(this.#readTreePage(id, highWater), { path: this.path, id })
    this.#remember(page)
    return page
  }

  /** The bytes of the freelist page `id` with all its overflow. */
  readFreelist(id: number, highWater: number): Uint8Array {
    const head = this.#readBytes(id, this.pageSize, highWater)
    const pageCount = this.freelistPageCount(id, highWater)
    return pageCount === 1 ? head : this.#readBytes(id, pageCount * this.pageSize, highWater)
  }

  /** How many pages the freelist at page `id` covers. Throws `page-damaged` when that is many more than it needs. */
  freelistPageCount(id: number, highWater: number): number {
    const view = viewOf(this.#readBytes(id, this.pageSize, highWater))
    const pageCount = view.getUint32(12, true) + 1
    const shortCount = view.getUint16(10, true)
    const idCount = shortCount === 0xffff ? getUint64(view, PAGE_HEADER_BYTES) : shortCount
    // bbolt and this package ask for pages before they know how much shorter that makes the list.
    if (pageCount <= Math.ceil((idCount * 8) / this.pageSize) + 2) return pageCount
    throw pageDamaged({ path: this.path, id }, `covers ${pageCount} pages for a freelist of ${idCount} ids`)
  }

  /** Writes whole pages, the first of which is `id`. */
  write(bytes: Uint8Array, id: number): void {
    for (let each = id; each < id + bytes.length / this.pageSize; each++) this.#forget(each)
    this.#attempt(`cannot write page ${id}`, () => this.#file.write(bytes, id * this.pageSize))
  }

  sync(): void {
    this.#attempt('cannot sync', () => this.#file.sync())
  }

  truncate(sizeBytes: number): void {
    this.#attempt(`cannot grow to ${sizeBytes} bytes`, () => this.#file.truncate(sizeBytes))
  }

  /** Drops what is remembered of page `id`: it is about to be another. */
  #forget(id: number): void {
    const young = this.#young.get(id)
    if (young !== undefined) this.#youngBytes -= young.bytes.length
    this.#young.delete(id)
    this.#old.delete(id)
  }

  close(): void {
    this.#young.clear()
    this.#old.clear()
    this.#attempt('cannot close', () => this.#file.close())
  }

  #readTreePage(id: number, highWater: number): Uint8Array {
    const head = this.#readBytes(id, this.pageSize, highWater)
    const view = viewOf(head)
    const place = { path: this.path, id }
    const storedId = view.getBigUint64(0, true)
    if (storedId !== BigInt(id)) throw pageDamaged(place, `says that it is page ${storedId}`)
    const pageCount = view.getUint32(12, true) + 1
    if (pageCount === 1) return head
    // A damaged count must not make us read gigabytes: the elements have to fill the pages. Old versions of bolt took
    // one page more than needed when the last one was full to the byte.
    const tableBytes = PAGE_HEADER_BYTES + view.getUint16(10, true) * BRANCH_ELEMENT_BYTES
    if (tableBytes > pageCount * this.pageSize) throw pageDamaged(place, 'has no room for its elements')
    const table = tableBytes <= head.length ? head : this.#readBytes(id, tableBytes, highWater)
    const used = usedBytes(table, view.getUint16(8, true) === FLAG_LEAF, view.getUint16(10, true))
    const needed = Math.ceil(used / this.pageSize)
    if (pageCount !== needed && pageCount !== needed + 1) {
      throw pageDamaged(place, `covers ${pageCount} pages and needs ${needed}`)
    }
    return this.#readBytes(id, pageCount * this.pageSize, highWater)
  }

  #readBytes(id: number, byteCount: number, highWater: number): Uint8Array {
    const place = { path: this.path, id }
    if (id < 2 || id + Math.ceil(byteCount / this.pageSize) > highWater) {
      throw pageDamaged(place, `is outside of the file's ${highWater} pages`)
    }
    const bytes = new Uint8Array(byteCount)
    const readCount = this.#attempt(`cannot read page ${id}`, () => this.#file.read(bytes, id * this.pageSize))
    if (readCount < byteCount) throw pageDamaged(place, `ends after ${readCount} of ${byteCount} bytes`)
    return bytes
  }

  #remember(page: Page): void {
    if (page.bytes.length > this.#halfBytesMax) return
    if (this.#youngBytes + page.bytes.length > this.#halfBytesMax) {
      this.#old = this.#young
      this.#young = new Map()
      this.#youngBytes = 0
    }
    this.#young.set(page.id, page)
    this.#youngBytes += page.bytes.length
  }

  #attempt<T>(what: string, action: () => T): T {
    try {
      return action()
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new BoltError('io-failed', `${this.path}: ${what}: ${reason}`, { cause })
    }
  }
}
