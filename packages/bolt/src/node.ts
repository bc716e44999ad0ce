import { invariant } from '@tidemark/base'
import type { Block } from './block.ts'
import {
  FLAG_BRANCH,
  FLAG_LEAF,
  LEAF_ELEMENT_BYTES,
  PAGE_HEADER_BYTES,
  setUint64,
  viewOf,
  writePageHeader,
} from './format.ts'
import { compareBytes, firstNotBelow } from './key-order.ts'
import type { Page } from './page.ts'

const ELEMENT_BYTES = LEAF_ELEMENT_BYTES
const NOTHING = new Uint8Array(0)

/** One key of a node, with its value (leaf) or its child (branch). */
export interface Item {
  key: Uint8Array
  value: Uint8Array
  flags: number
  pageId: number
  child: Node | undefined
}

export function leafItem(key: Uint8Array, value: Uint8Array, flags: number): Item {
  return { key, value, flags, pageId: 0, child: undefined }
}

/** `key` must not be above any key below the child. */
export function branchItem(key: Uint8Array, pageId: number, child?: Node): Item {
  return { key, value: NOTHING, flags: 0, pageId, child }
}

/** A page that a writer took into memory to change it. It may grow far beyond a page; spilling cuts it up again. */
export class Node implements Block {
  readonly isLeaf: boolean
  items: Item[]
  /** The page it came from and how many pages that covered; 0 when it is new. */
  readonly pageId: number
  readonly pageCount: number
  /** Something was taken out: it may have become too small. */
  isUnbalanced = false

  constructor(isLeaf: boolean, items: Item[], origin?: { readonly id: number; readonly pageCount: number }) {
    this.isLeaf = isLeaf
    this.items = items
    this.pageId = origin?.id ?? 0
    this.pageCount = origin?.pageCount ?? 0
  }

  /** `isStored` is false for an inline page, which has no place in the file to give back. */
  static fromPage(page: Page, isStored: boolean): Node {
    const items: Item[] = []
    for (let i = 0; i < page.count; i++) {
      items.push(
        page.isLeaf
          ? leafItem(page.keyAt(i), page.valueAt(i), page.flagsAt(i))
          : branchItem(page.keyAt(i), page.pageIdAt(i)),
      )
    }
    return new Node(page.isLeaf, items, isStored ? page : undefined)
  }

  get count(): number {
    return this.items.length
  }

  itemAt(index: number): Item {
    const item = this.items[index]
    invariant(item !== undefined, `node has no item ${index}`)
    return item
  }

  keyAt(index: number): Uint8Array {
    return this.itemAt(index).key
  }

  compareAt(index: number, key: Uint8Array): number {
    return compareBytes(this.itemAt(index).key, key)
  }

  flagsAt(index: number): number {
    return this.itemAt(index).flags
  }

  valueAt(index: number): Uint8Array {
    return this.itemAt(index).value
  }

  pageIdAt(index: number): number {
    return this.itemAt(index).pageId
  }

  changedAt(index: number): Node | undefined {
    return this.itemAt(index).child
  }

  /** Its size as a page, in bytes. */
  sizeBytes(): number {
    return itemsBytes(this.items)
  }
}

/** In a leaf: where `key` is or belongs. */
export function leafIndex(block: Block, key: Uint8Array): number {
  const { count } = block
  // Keys often come in order.
  if (count > 0 && block.compareAt(count - 1, key) < 0) return count
  return firstNotBelow(count, (index) => block.compareAt(index, key))
}

/** Whether the item at this place, if there is one, has this key. */
export function isAt(block: Block, index: number, key: Uint8Array): boolean {
  return index < block.count && block.compareAt(index, key) === 0
}

/** In a branch: the child that has `key` if any has. */
export function branchIndex(block: Block, key: Uint8Array): number {
  const index = leafIndex(block, key)
  return isAt(block, index, key) || index === 0 ? index : index - 1
}

export function itemBytes(item: Item): number {
  return ELEMENT_BYTES + item.key.length + item.value.length
}

export function itemsBytes(items: readonly Item[]): number {
  let sum = PAGE_HEADER_BYTES
  for (const item of items) sum += itemBytes(item)
  return sum
}

/** Writes items as a branch or leaf page into `into`, which is zeroed and a whole number of pages (bbolt: node.write). */
export function encodeItems(
  items: readonly Item[],
  into: Uint8Array,
  head: { readonly isLeaf: boolean; readonly id: number; readonly overflow: number },
): void {
  invariant(items.length < 0xffff, 'a page takes fewer than 65535 items')
  const view = viewOf(into)
  const flags = head.isLeaf ? FLAG_LEAF : FLAG_BRANCH
  writePageHeader(view, { id: head.id, flags, count: items.length, overflow: head.overflow })
  let element = PAGE_HEADER_BYTES
  let position = PAGE_HEADER_BYTES + items.length * ELEMENT_BYTES
  for (const item of items) {
    if (head.isLeaf) {
      view.setUint32(element, item.flags, true)
      view.setUint32(element + 4, position - element, true)
      view.setUint32(element + 8, item.key.length, true)
      view.setUint32(element + 12, item.value.length, true)
    } else {
      view.setUint32(element, position - element, true)
      view.setUint32(element + 4, item.key.length, true)
      setUint64(view, element + 8, item.pageId)
    }
    into.set(item.key, position)
    into.set(item.value, position + item.key.length)
    position += item.key.length + item.value.length
    element += ELEMENT_BYTES
  }
}
