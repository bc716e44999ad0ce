/** First in, first out, never more than `countMax`; full means refuse, and the caller decides what that means. */
export class BoundedQueue<T> {
  readonly #countMax: number
  #items: T[] = []
  #head = 0

  constructor(countMax: number) {
    this.#countMax = countMax
  }

  get count(): number {
    return this.#items.length - this.#head
  }

  get isFull(): boolean {
    return this.count >= this.#countMax
  }

  /** Returns false, and keeps nothing, when the queue is full. */
  push(item: T): boolean {
    if (this.isFull) return false
    this.#items.push(item)
    return true
  }

  /** The oldest item, or undefined when there is none. */
  shift(): T | undefined {
    if (this.count === 0) return undefined
    const item = this.#items[this.#head]
    this.#head += 1
    if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return item
  }
}
