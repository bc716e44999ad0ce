import { invariant } from '@tidemark/base'
import { FLAG_BUCKET } from './format.ts'
import { branchItem, itemBytes, itemsBytes, type Item, Node } from './node.ts'
import { pageDamaged } from './page.ts'
import type { Tree } from './tree.ts'

const KEYS_MIN = 2
const FILL_MIN = 0.1
const FILL_MAX = 1

/** Stores a branch or leaf page of these items and returns its id. */
export type StorePage = (items: readonly Item[], isLeaf: boolean) => number

/** Merges what became too small by deletions, in a tree and in the nested buckets that were opened (bbolt: rebalance). */
export function rebalanceTree(tree: Tree): void {
  const root = tree.rootNode
  tree.forgetWay()
  if (root !== undefined) {
    rebalanceBelow(tree, root, undefined)
    collapseRoot(tree)
  }
  for (const child of tree.children.values()) rebalanceTree(child.tree)
}

/** Stores everything that changed in a tree and below it; afterwards `tree.rootId` is its new root (bbolt: spill). */
export function spillTree(tree: Tree, store: StorePage): void {
  for (const { name, tree: child } of tree.children.values()) {
    const isInline = isInlineable(child)
    if (isInline) {
      freeNode(child, child.changedRoot())
      child.rootId = 0
    } else {
      spillTree(child, store)
    }
    if (child.rootNode !== undefined)
      tree.put(name, isInline ? child.encodeInline() : child.encodeHeader(), FLAG_BUCKET)
  }
  if (tree.rootNode === undefined) return
  let entries = spillNode(tree, tree.rootNode, store)
  while (entries.length > 1) entries = storeCut(tree, new Node(false, entries), store)
  const root = entries[0]
  invariant(root !== undefined, 'a spilled tree has a root')
  tree.rootId = root.pageId
}

/** Goes through the children in memory; each becomes large enough, is merged into a neighbour, or disappears. */
function rebalanceBelow(tree: Tree, node: Node, upper: Uint8Array | undefined): void {
  if (node.isLeaf) return
  for (let index = 0; index < node.count;) {
    const child = node.itemAt(index).child
    if (child === undefined) {
      index += 1
      continue
    }
    rebalanceBelow(tree, child, upperOf(node, index, upper))
    if (child.count === 0) dropChild(tree, node, index)
    else if (isTooSmall(tree, child) && node.count > 1) index = mergeChild(tree, node, index, upper)
    else index += 1
  }
}

function isTooSmall(tree: Tree, node: Node): boolean {
  if (!node.isUnbalanced) return false
  return node.sizeBytes() <= tree.ledger.pager.pageSize / 4 || node.count <= (node.isLeaf ? 1 : KEYS_MIN)
}

/** Merges the child at `index` into the one before it; the first one takes the next one in. Returns where to go on. */
function mergeChild(tree: Tree, node: Node, index: number, upper: Uint8Array | undefined): number {
  const leftIndex = Math.max(0, index - 1)
  const left = tree.changedChild(node, leftIndex, upperOf(node, leftIndex, upper))
  const right = tree.changedChild(node, leftIndex + 1, upperOf(node, leftIndex + 1, upper))
  // The right one may not have had its turn yet.
  if (index === leftIndex) rebalanceBelow(tree, right, upperOf(node, leftIndex + 1, upper))
  if (left.isLeaf !== right.isLeaf) {
    throw pageDamaged({ path: tree.ledger.pager.path, id: node.pageId }, 'has leaves and branches side by side')
  }
  left.items.push(...right.items)
  right.items = []
  // Whatever comes out is large enough or will be looked at once more.
  left.isUnbalanced = true
  dropChild(tree, node, leftIndex + 1)
  return leftIndex
}

function dropChild(tree: Tree, node: Node, index: number): void {
  const child = node.itemAt(index).child
  invariant(child !== undefined && child.count === 0, 'only an empty child in memory is dropped')
  freeNode(tree, child)
  node.items.splice(index, 1)
  node.isUnbalanced = true
}

/** A root branch with one child gives way to it; one without any becomes an empty leaf. */
function collapseRoot(tree: Tree): void {
  let root = tree.changedRoot()
  while (!root.isLeaf && root.count <= 1) {
    const next = root.count === 1 ? tree.changedChild(root, 0, undefined) : new Node(true, [])
    freeNode(tree, root)
    root = next
  }
  tree.rootNode = root
}

function upperOf(node: Node, index: number, upper: Uint8Array | undefined): Uint8Array | undefined {
  return index + 1 < node.count ? node.keyAt(index + 1) : upper
}

function isInlineable(tree: Tree): boolean {
  const root = tree.rootNode
  if (root === undefined || !root.isLeaf) return false
  return root.items.every((item) => item.flags === 0) && root.sizeBytes() <= tree.ledger.pager.pageSize / 4
}

function freeNode(tree: Tree, node: Node): void {
  if (node.pageId !== 0) tree.ledger.free(node.pageId, node.pageCount)
}

/** Children first, as their pages' ids stand in their parents. Returns what the parent stores instead of this node. */
function spillNode(tree: Tree, node: Node, store: StorePage): Item[] {
  if (!node.isLeaf) {
    node.items = node.items.flatMap((item) => (item.child === undefined ? [item] : spillNode(tree, item.child, store)))
  }
  freeNode(tree, node)
  return storeCut(tree, node, store)
}

function storeCut(tree: Tree, node: Node, store: StorePage): Item[] {
  return cutItems(node.items, tree).map((items) => {
    const pageId = store(items, node.isLeaf)
    return branchItem(items[0]?.key ?? new Uint8Array(0), pageId)
  })
}

/** Cuts items into pages that are filled to the tree's percentage, each with two keys at least (bbolt: node.split). */
function cutItems(items: Item[], tree: Tree): Item[][] {
  const pageSize = tree.ledger.pager.pageSize
  const fillBytesMax = Math.floor(pageSize * Math.min(FILL_MAX, Math.max(FILL_MIN, tree.fillPercent)))
  const parts: Item[][] = []
  let start = 0
  let leftBytes = itemsBytes(items)
  while (items.length - start > KEYS_MIN * 2 && leftBytes >= pageSize) {
    const { end, bytes } = cutEnd(items, start, fillBytesMax)
    parts.push(items.slice(start, end))
    start = end
    leftBytes -= bytes
  }
  parts.push(start === 0 ? items : items.slice(start))
  return parts
}

function cutEnd(items: readonly Item[], start: number, fillBytesMax: number): { end: number; bytes: number } {
  const head = itemsBytes([])
  let bytes = 0
  let end = start
  for (; end < items.length - KEYS_MIN; end++) {
    const item = items[end]
    const next = item === undefined ? 0 : itemBytes(item)
    if (end - start >= KEYS_MIN && head + bytes + next > fillBytesMax) break
    bytes += next
  }
  return { end, bytes }
}
