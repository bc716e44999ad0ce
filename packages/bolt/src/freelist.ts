import { invariant } from '@tidemark/base'
import { BoltError } from './bolt-error.ts'
import { FLAG_FREELIST, getUint64, PAGE_HEADER_BYTES, setUint64, viewOf, writePageHeader } from './format.ts'
import type { PagePlace } from './page.ts'

const COUNT_OVERFLOWS = 0xffff

/**
 * Which pages may be written over. A page that a writer let go is *pending* under that writer's transaction until no
 * reader is open that started before it; then it is *free*.
 */
export class Freelist {
  /** Ascending; those before `#head` are taken. */
  #free: number[]
  #head = 0
  readonly #pending = new Map<number, readonly number[]>()
  /** Free and pending. */
  readonly #known: Set<number>

  /** `ids` ascend and each is there once. */
  constructor(ids: number[]) {
    this.#free = ids
    this.#known = new Set(ids)
  }

  get count(): number {
    return this.#known.size
  }

  has(id: number): boolean {
    return this.#known.has(id)
  }

  /** The first of `count` free pages in a row, or undefined when there are no such. */
  allocate(count: number): number | undefined {
    let start = this.#head
    for (let i = this.#head; i < this.#free.length; i++) {
      if (i > start && this.#free[i] !== (this.#free[i - 1] ?? 0) + 1) start = i
      if (i - start + 1 === count) return this.#take(start, count)
    }
    return undefined
  }

  /** Takes back what `allocate` gave, after a transaction failed. */
  giveBack(ids: readonly number[]): void {
    this.#addFree(ids)
    for (const id of ids) this.#known.add(id)
  }

  /** Keeps the pages that transaction `transactionId` let go until `release` says that nobody reads them. */
  hold(transactionId: number, ids: readonly number[]): void {
    invariant(!this.#pending.has(transactionId), `transaction ${transactionId} committed once already`)
    if (ids.length === 0) return
    this.#pending.set(transactionId, ids)
    for (const id of ids) this.#known.add(id)
  }

  /** Frees what transactions up to `transactionId` let go: whoever reads now reads that state or a later one. */
  release(transactionId: number): void {
    for (const [id, pages] of this.#pending) {
      if (id > transactionId) continue
      this.#pending.delete(id)
      this.#addFree(pages)
    }
  }

  /** Free, pending and `freed`, ascending: all that is free after a restart, when no reader is left. */
  all(freed: readonly number[]): number[] {
    return [...this.#known, ...freed].toSorted(ascending)
  }

  #take(start: number, count: number): number {
    const first = this.#free[start]
    invariant(first !== undefined, 'a run starts inside of the list')
    for (let id = first; id < first + count; id++) this.#known.delete(id)
    if (start === this.#head) this.#head += count
    else this.#free.splice(start, count)
    return first
  }

  #addFree(ids: readonly number[]): void {
    if (ids.length === 0) return
    const added = ids.toSorted(ascending)
    const merged: number[] = []
    let next = 0
    for (let i = this.#head; i < this.#free.length; i++) {
      const id = this.#free[i] ?? 0
      for (let other = added[next]; other !== undefined && other < id; other = added[++next]) merged.push(other)
      merged.push(id)
    }
    for (; next < added.length; next++) merged.push(added[next] ?? 0)
    this.#free = merged
    this.#head = 0
  }
}

// freelist page ┌ header, flags 0x10 ┬ id u64 ┬ id u64 ┬ … ┐ ascending; 65535 ids and more: the header's count is 0xFFFF
// and the true count stands, as a u64, before the first id.

/** Bytes of a freelist page with `count` ids. */
export function freelistBytes(count: number): number {
  return PAGE_HEADER_BYTES + 8 * (count < COUNT_OVERFLOWS ? count : count + 1)
}

export function encodeFreelist(ids: readonly number[], into: Uint8Array, head: { id: number; overflow: number }): void {
  const view = viewOf(into)
  const isLong = ids.length >= COUNT_OVERFLOWS
  const count = isLong ? COUNT_OVERFLOWS : ids.length
  writePageHeader(view, { id: head.id, flags: FLAG_FREELIST, count, overflow: head.overflow })
  let offset = PAGE_HEADER_BYTES
  if (isLong) {
    setUint64(view, offset, ids.length)
    offset += 8
  }
  for (const id of ids) {
    setUint64(view, offset, id)
    offset += 8
  }
}

/** The ids, ascending. Throws `freelist-damaged` unless each is a page between the metas and `highWater`, and once. */
export function decodeFreelist(bytes: Uint8Array, place: PagePlace, highWater: number): number[] {
  const view = viewOf(bytes)
  const damaged = (what: string): BoltError =>
    new BoltError('freelist-damaged', `${place.path}: freelist page ${place.id} ${what}; copy the data to a new file`, {
      pageId: place.id,
    })
  if (view.getUint16(8, true) !== FLAG_FREELIST) throw damaged('is not a freelist')
  let count = view.getUint16(10, true)
  let offset = PAGE_HEADER_BYTES
  if (count === COUNT_OVERFLOWS) {
    count = getUint64(view, offset)
    offset += 8
  }
  if (count * 8 > bytes.length - offset) throw damaged(`has no room for its ${count} ids`)
  const ids: number[] = []
  for (let i = 0; i < count; i++) ids.push(getUint64(view, offset + 8 * i))
  ids.sort(ascending)
  ids.forEach((id, index) => {
    if (id < 2 || id >= highWater) throw damaged(`lists page ${id}, which the file does not have`)
    if (id === ids[index - 1]) throw damaged(`lists page ${id} twice`)
  })
  return ids
}

function ascending(left: number, right: number): number {
  return left - right
}
