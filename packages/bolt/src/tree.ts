import { invariant } from '@tidemark/base'
import type { Block } from './block.ts'
import { BoltError } from './bolt-error.ts'
import { BUCKET_HEADER_BYTES, FLAG_BUCKET, getUint64, setUint64, viewOf } from './format.ts'
import { compareBytes, mapKey, showKey } from './key-order.ts'
import type { Ledger } from './ledger.ts'
import { TREE_DEPTH_MAX } from './limits.ts'
import { branchIndex, branchItem, encodeItems, isAt, type Item, itemsBytes, leafIndex, leafItem, Node } from './node.ts'
import { isWithin, Page, pageDamaged } from './page.ts'

// A node that got larger than this is cut in two at once: putting an item into a long array moves all that follow.
const ITEMS_MAX = 1024

/** From the root to a leaf, all in memory. The leaf takes the keys from its first one up to `upper`, that excluded. */
interface Way {
  readonly leaf: Node
  readonly path: readonly Node[]
  readonly upper: Uint8Array | undefined
}

/** A bucket's B+tree: as the file has it until a writer changes it, then as nodes in memory on the paths it changed. */
export class Tree {
  readonly ledger: Ledger
  /** The root's page; 0 for an inline bucket, and for a new one. */
  rootId: number
  sequence: bigint
  rootNode: Node | undefined
  inlinePage: Page | undefined
  isDeleted = false
  fillPercent = 0.5
  /** Grows with every change, so that cursors notice. */
  revision = 0
  /** Nested buckets that this writer opened, by `mapKey`. */
  readonly children = new Map<string, { readonly name: Uint8Array; readonly tree: Tree }>()
  readonly #parent: Tree | undefined
  /** Keys often come in order: then the next one belongs where the last one went. */
  #way: Way | undefined

  constructor(ledger: Ledger, root: { readonly id: number; readonly sequence: bigint }, parent?: Tree) {
    this.ledger = ledger
    this.rootId = root.id
    this.sequence = root.sequence
    this.#parent = parent
  }

  /** Whether it is the database's own tree, which has buckets only. */
  get isRoot(): boolean {
    return this.#parent === undefined
  }

  rootBlock(): Block {
    return this.rootNode ?? this.inlinePage ?? this.ledger.page(this.rootId)
  }

  /** The child at `index` of a branch. Keys outside of [the branch's key, upper) mean damage, and so does great depth. */
  childBlock(branch: Block, index: number, upper: Uint8Array | undefined, depth: number): Block {
    const changed = branch.changedAt(index)
    if (changed !== undefined) return changed
    if (depth > TREE_DEPTH_MAX) throw this.#damaged(branch.pageIdAt(index), 'lies too deep: its tree is a circle')
    const page = this.ledger.page(branch.pageIdAt(index))
    if (!isWithin(page, branch.keyAt(index), upper)) {
      throw this.#damaged(page.id, 'has keys that its parent does not expect')
    }
    return page
  }

  /** The leaf where `key` is or belongs, and its place there. */
  find(key: Uint8Array): { readonly leaf: Block; readonly index: number; readonly isFound: boolean } {
    const way = this.#lastWay(key)
    let block: Block = way === undefined ? this.rootBlock() : way.leaf
    let upper: Uint8Array | undefined
    for (let depth = 1; !block.isLeaf; depth++) {
      const index = branchIndex(block, key)
      if (index + 1 < block.count) upper = block.keyAt(index + 1)
      block = this.childBlock(block, index, upper, depth)
    }
    const index = leafIndex(block, key)
    return { leaf: block, index, isFound: isAt(block, index, key) }
  }

  /** Takes the path to `key` into memory and puts the item there, over the one that may be there. */
  put(key: Uint8Array, value: Uint8Array, flags: number): void {
    const way = this.#lastWay(key) ?? this.#changedWay(key)
    this.#putAt(way, leafIndex(way.leaf, key), leafItem(key, value, flags))
  }

  /** As `put`, of a value; false where a bucket has this key, which stays. */
  putValue(key: Uint8Array, value: Uint8Array): boolean {
    const way = this.#lastWay(key) ?? this.#changedWay(key)
    const index = leafIndex(way.leaf, key)
    if (isAt(way.leaf, index, key) && way.leaf.flagsAt(index) === FLAG_BUCKET) return false
    this.#putAt(way, index, leafItem(key, value, 0))
    return true
  }

  #putAt({ leaf, path }: Way, index: number, item: Item): void {
    this.revision += 1
    if (index === leaf.count) leaf.items.push(item)
    else leaf.items.splice(index, isAt(leaf, index, item.key) ? 1 : 0, item)
    if (leaf.count > ITEMS_MAX) this.#cutPath(path)
  }

  /** Takes out an item that is there. */
  remove(key: Uint8Array): void {
    this.revision += 1
    const { leaf } = this.#lastWay(key) ?? this.#changedWay(key)
    leaf.items.splice(leafIndex(leaf, key), 1)
    leaf.isUnbalanced = true
  }

  /** Must be called before nodes are merged or dropped. */
  forgetWay(): void {
    this.#way = undefined
  }

  changedRoot(): Node {
    if (this.rootNode === undefined) {
      const page = this.inlinePage ?? this.ledger.page(this.rootId)
      this.rootNode = Node.fromPage(page, this.inlinePage === undefined)
      this.inlinePage = undefined
    }
    return this.rootNode
  }

  changedChild(branch: Node, index: number, upper: Uint8Array | undefined, depth = 1): Node {
    const item = branch.itemAt(index)
    if (item.child === undefined) {
      const block = this.childBlock(branch, index, upper, depth)
      item.child = block instanceof Page ? Node.fromPage(block, true) : undefined
      invariant(item.child !== undefined, 'a child that is not in memory is a page')
    }
    return item.child
  }

  /** The nested bucket in a leaf's item. A writer gets the same one each time. */
  openChild(name: Uint8Array, value: Uint8Array): Tree {
    const known = this.ledger.isWritable ? this.children.get(mapKey(name)) : undefined
    if (known !== undefined) return known.tree
    const child = this.#decodeChild(name, value)
    if (this.ledger.isWritable) this.children.set(mapKey(name), { name, tree: child })
    return child
  }

  createChild(name: Uint8Array): Tree {
    const child = new Tree(this.ledger, { id: 0, sequence: 0n }, this)
    child.rootNode = new Node(true, [])
    this.put(name, child.encodeInline(), FLAG_BUCKET)
    this.children.set(mapKey(name), { name, tree: child })
    return child
  }

  /** What a parent stores of a bucket that has pages of its own. */
  encodeHeader(extraBytes = 0): Uint8Array {
    const bytes = new Uint8Array(BUCKET_HEADER_BYTES + extraBytes)
    setUint64(viewOf(bytes), 0, this.rootId)
    viewOf(bytes).setBigUint64(8, this.sequence, true)
    return bytes
  }

  /** What a parent stores of a bucket that is small enough to live inside of it; its root is a changed leaf. */
  encodeInline(): Uint8Array {
    const items = this.changedRoot().items
    const bytes = this.encodeHeader(itemsBytes(items))
    encodeItems(items, bytes.subarray(BUCKET_HEADER_BYTES), { isLeaf: true, id: 0, overflow: 0 })
    return bytes
  }

  #decodeChild(name: Uint8Array, value: Uint8Array): Tree {
    const place = { path: this.ledger.pager.path, id: this.rootId }
    if (value.length < BUCKET_HEADER_BYTES) throw pageDamaged(place, `has no whole header of bucket ${showKey(name)}`)
    const view = viewOf(value)
    const child = new Tree(this.ledger, { id: getUint64(view, 0), sequence: view.getBigUint64(8, true) }, this)
    if (child.rootId === 0) {
      child.inlinePage = new Page(value.subarray(BUCKET_HEADER_BYTES), place)
      if (!child.inlinePage.isLeaf) throw pageDamaged(place, `has bucket ${showKey(name)} inline that is no leaf`)
    }
    // A bucket that contains itself would never end.
    if (child.rootId !== 0 && this.#isInside(child.rootId)) {
      throw pageDamaged(place, `has bucket ${showKey(name)} inside of itself`)
    }
    return child
  }

  #isInside(rootId: number): boolean {
    return this.rootId === rootId || (this.#parent !== undefined && this.#parent.#isInside(rootId))
  }

  #damaged(id: number, what: string): BoltError {
    return pageDamaged({ path: this.ledger.pager.path, id }, what)
  }

  /** The way that was taken last, if it leads to `key` as well. */
  #lastWay(key: Uint8Array): Way | undefined {
    const way = this.#way
    if (way === undefined || way.leaf.count === 0) return undefined
    const { leaf, upper } = way
    const isInside =
      leaf.compareAt(leaf.count - 1, key) < 0
        ? upper === undefined || compareBytes(key, upper) < 0
        : leaf.compareAt(0, key) <= 0
    return isInside ? way : undefined
  }

  #changedWay(key: Uint8Array): Way {
    let node = this.changedRoot()
    let upper: Uint8Array | undefined
    const path = [node]
    while (!node.isLeaf) {
      const index = branchIndex(node, key)
      if (index + 1 < node.count) upper = node.keyAt(index + 1)
      node = this.changedChild(node, index, upper, path.length)
      path.push(node)
    }
    this.#way = { leaf: node, path, upper }
    return this.#way
  }

  /** Cuts what got too long, from the leaf up. */
  #cutPath(path: readonly Node[]): void {
    this.forgetWay()
    for (let depth = path.length - 1; depth >= 0; depth--) {
      const node = path[depth]
      if (node === undefined || node.count <= ITEMS_MAX) return
      const right = new Node(node.isLeaf, node.items.splice(node.count >>> 1))
      const rightItem = branchItem(right.keyAt(0), 0, right)
      const parent = path[depth - 1]
      if (parent === undefined) {
        this.rootNode = new Node(false, [branchItem(node.keyAt(0), 0, node), rightItem])
      } else {
        const index = parent.items.findLastIndex((item) => item.child === node)
        parent.items.splice(index + 1, 0, rightItem)
      }
    }
  }
}

/** Lets go every page of a tree and of the buckets nested in it. */
export function freeTree(tree: Tree): void {
  tree.isDeleted = true
  freeBlock(tree, tree.rootBlock(), undefined, 1)
}

function freeBlock(tree: Tree, block: Block, upper: Uint8Array | undefined, depth: number): void {
  for (let index = 0; index < block.count; index++) {
    if (!block.isLeaf) {
      const childUpper = index + 1 < block.count ? block.keyAt(index + 1) : upper
      freeBlock(tree, tree.childBlock(block, index, childUpper, depth), childUpper, depth + 1)
    } else if (block.flagsAt(index) === FLAG_BUCKET) {
      freeTree(tree.openChild(block.keyAt(index), block.valueAt(index)))
    }
  }
  if (block instanceof Node) {
    if (block.pageId !== 0) tree.ledger.free(block.pageId, block.pageCount)
  } else if (block instanceof Page && block !== tree.inlinePage) {
    tree.ledger.free(block.id, block.pageCount)
  }
}

export function assertUsable(tree: Tree): void {
  tree.ledger.assertOpen()
  if (!tree.isDeleted) return
  throw new BoltError('bucket-not-found', `${tree.ledger.pager.path}: the bucket was deleted in this transaction`)
}

/** Whether a writer changed a tree or a bucket nested in it. */
export function hasChanged(tree: Tree): boolean {
  if (tree.rootNode !== undefined) return true
  return tree.children.values().some((child) => hasChanged(child.tree))
}
