/** Things that a sample has at most. */
export const SAMPLE_MAX = 256

/**
 * Some of many things, evenly spread over however many there are: each n-th, with n doubled (and every other one dropped)
 * when there are too many.
 */
export class Sample<T> {
  #taken: T[] = []
  #every = 1
  #offered = 0

  /** One more; it is made only when it is taken. */
  offer(make: () => T): void {
    if (this.#offered % this.#every === 0) this.#take(make)
    this.#offered += 1
  }

  get taken(): readonly T[] {
    return this.#taken
  }

  #take(make: () => T): void {
    if (this.#taken.length === SAMPLE_MAX) {
      this.#taken = this.#taken.filter((_, index) => index % 2 === 0)
      this.#every *= 2
    }
    if (this.#offered % this.#every === 0) this.#taken.push(make())
  }
}
