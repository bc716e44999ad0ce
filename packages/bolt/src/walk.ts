import { invariant } from '@tidemark/base'
import type { Block } from './block.ts'
import { branchIndex, leafIndex } from './node.ts'
import type { Tree } from './tree.ts'

interface Step {
  readonly block: Block
  index: number
  /** All keys in `block` are below it. */
  readonly upper: Uint8Array | undefined
}

/** A path from a tree's root to an item of a leaf. Every move says whether there is an item; after false, move anew. */
export class Walk {
  readonly #tree: Tree
  #path: Step[] = []

  constructor(tree: Tree) {
    this.#tree = tree
  }

  first(): boolean {
    this.#start(() => 0)
    return this.#isAtItem() || this.next()
  }

  last(): boolean {
    this.#start((block) => block.count - 1)
    return this.#isAtItem() || this.previous()
  }

  /** To `key`, or to the next one after it. */
  seek(key: Uint8Array): boolean {
    this.#start((block) => (block.isLeaf ? leafIndex(block, key) : branchIndex(block, key)))
    return this.#isAtItem() || this.next()
  }

  next(): boolean {
    for (let step = this.#path.at(-1); step !== undefined; step = this.#path.at(-1)) {
      step.index += 1
      if (step.index >= step.block.count) {
        this.#path.pop()
        continue
      }
      this.#descend(() => 0)
      if (this.#isAtItem()) return true
    }
    return false
  }

  previous(): boolean {
    for (let step = this.#path.at(-1); step !== undefined; step = this.#path.at(-1)) {
      step.index -= 1
      if (step.index < 0) {
        this.#path.pop()
        continue
      }
      this.#descend((block) => block.count - 1)
      if (this.#isAtItem()) return true
    }
    return false
  }

  key(): Uint8Array {
    const { block, index } = this.#leaf()
    return block.keyAt(index)
  }

  compare(key: Uint8Array): number {
    const { block, index } = this.#leaf()
    return block.compareAt(index, key)
  }

  value(): Uint8Array {
    const { block, index } = this.#leaf()
    return block.valueAt(index)
  }

  flags(): number {
    const { block, index } = this.#leaf()
    return block.flagsAt(index)
  }

  #leaf(): Step {
    const step = this.#path.at(-1)
    invariant(step !== undefined && step.block.isLeaf, 'the walk is at an item')
    return step
  }

  /** A leaf that a writer emptied stays in the tree until the commit. */
  #isAtItem(): boolean {
    const step = this.#path.at(-1)
    return step !== undefined && step.index >= 0 && step.index < step.block.count
  }

  #start(choose: (block: Block) => number): void {
    const root = this.#tree.rootBlock()
    this.#path = [{ block: root, index: choose(root), upper: undefined }]
    this.#descend(choose)
  }

  #descend(choose: (block: Block) => number): void {
    let step = this.#path.at(-1)
    while (step !== undefined && !step.block.isLeaf) {
      const { block: branch, index } = step
      const upper = index + 1 < branch.count ? branch.keyAt(index + 1) : step.upper
      const block = this.#tree.childBlock(branch, index, upper, this.#path.length)
      step = { block, index: choose(block), upper }
      this.#path.push(step)
    }
  }
}
