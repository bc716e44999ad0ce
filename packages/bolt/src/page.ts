import type { Block } from './block.ts'
import { BoltError } from './bolt-error.ts'
import { FLAG_BRANCH, FLAG_LEAF, getUint64, LEAF_ELEMENT_BYTES, PAGE_HEADER_BYTES, viewOf } from './format.ts'
import { compareBytes } from './key-order.ts'

const ELEMENT_BYTES = LEAF_ELEMENT_BYTES

/** Where a page lies, for messages. */
export interface PagePlace {
  readonly path: string
  readonly id: number
}

/** A branch or leaf page, checked once when it is made: every element lies inside and the keys ascend. Never changes. */
export class Page implements Block {
  readonly id: number
  readonly isLeaf: boolean
  readonly count: number
  /** How many pages of the file it covers. */
  readonly pageCount: number
  readonly bytes: Uint8Array
  readonly #view: DataView

  /** Throws `page-damaged` when the bytes are no branch or leaf page. */
  constructor(bytes: Uint8Array, place: PagePlace) {
    if (bytes.length < PAGE_HEADER_BYTES) throw pageDamaged(place, `ends after ${bytes.length} bytes`)
    this.bytes = bytes
    this.#view = viewOf(bytes)
    this.id = place.id
    const flags = this.#view.getUint16(8, true)
    this.isLeaf = flags === FLAG_LEAF
    if (!this.isLeaf && flags !== FLAG_BRANCH) {
      throw pageDamaged(place, `is neither branch nor leaf (flags 0x${flags.toString(16)})`)
    }
    this.count = this.#view.getUint16(10, true)
    this.pageCount = this.#view.getUint32(12, true) + 1
    this.#checkElements(place)
  }

  /** The bytes up to the end of the last key or value. */
  usedBytes(): number {
    return usedBytes(this.bytes, this.isLeaf, this.count)
  }

  keyAt(index: number): Uint8Array {
    const start = this.#keyStart(index)
    return this.bytes.subarray(start, start + this.#keySize(index))
  }

  compareAt(index: number, key: Uint8Array): number {
    const start = this.#keyStart(index)
    const size = this.#keySize(index)
    const common = Math.min(size, key.length)
    for (let i = 0; i < common; i++) {
      const difference = (this.bytes[start + i] ?? 0) - (key[i] ?? 0)
      if (difference !== 0) return difference
    }
    return size - key.length
  }

  flagsAt(index: number): number {
    return this.#view.getUint32(elementAt(index), true)
  }

  valueAt(index: number): Uint8Array {
    const start = this.#keyStart(index) + this.#keySize(index)
    return this.bytes.subarray(start, start + this.#view.getUint32(elementAt(index) + 12, true))
  }

  pageIdAt(index: number): number {
    return getUint64(this.#view, elementAt(index) + 8)
  }

  changedAt(): undefined {
    return undefined
  }

  #keyStart(index: number): number {
    const element = elementAt(index)
    return element + this.#view.getUint32(this.isLeaf ? element + 4 : element, true)
  }

  #keySize(index: number): number {
    const element = elementAt(index)
    return this.#view.getUint32(this.isLeaf ? element + 8 : element + 4, true)
  }

  #checkElements(place: PagePlace): void {
    if (!this.isLeaf && this.count === 0) throw pageDamaged(place, 'is a branch without children')
    const tableEnd = PAGE_HEADER_BYTES + this.count * ELEMENT_BYTES
    if (tableEnd > this.bytes.length) throw pageDamaged(place, `has no room for its ${this.count} elements`)
    for (let index = 0; index < this.count; index++) {
      const start = this.#keyStart(index)
      const size = this.#keySize(index)
      const valueSize = this.isLeaf ? this.#view.getUint32(elementAt(index) + 12, true) : 0
      if (size === 0) throw pageDamaged(place, `has an empty key at element ${index}`)
      if (start < tableEnd || start + size + valueSize > this.bytes.length) {
        throw pageDamaged(place, `element ${index} lies outside of the page`)
      }
      if (index > 0 && this.compareAt(index - 1, this.keyAt(index)) >= 0) {
        throw pageDamaged(place, `its keys do not ascend at element ${index}`)
      }
    }
  }
}

/** The end of the furthest element, from the page's table of elements alone. */
export function usedBytes(table: Uint8Array, isLeaf: boolean, count: number): number {
  const view = viewOf(table)
  let end = PAGE_HEADER_BYTES + count * ELEMENT_BYTES
  for (let index = 0; index < count; index++) {
    const element = elementAt(index)
    const sizes = isLeaf
      ? view.getUint32(element + 4, true) + view.getUint32(element + 8, true) + view.getUint32(element + 12, true)
      : view.getUint32(element, true) + view.getUint32(element + 4, true)
    end = Math.max(end, element + sizes)
  }
  return end
}

export function pageDamaged(place: PagePlace, what: string): BoltError {
  const message = `${place.path}: page ${place.id} ${what}; restore the file from a copy, or start a new one`
  return new BoltError('page-damaged', message, { pageId: place.id })
}

/** Whether all keys of `page` lie in [lower, upper). */
export function isWithin(page: Page, lower: Uint8Array, upper: Uint8Array | undefined): boolean {
  if (page.count === 0 || page.compareAt(0, lower) < 0) return false
  return upper === undefined || compareBytes(page.keyAt(page.count - 1), upper) < 0
}

function elementAt(index: number): number {
  return PAGE_HEADER_BYTES + index * ELEMENT_BYTES
}
