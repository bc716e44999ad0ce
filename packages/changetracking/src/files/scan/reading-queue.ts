import type { FoundPath } from './walk.ts'
import type { ReadAnswer, ReadOrder } from './read-file.ts'
import type { Reading, Readers } from './readers.ts'
import { sizeOfStamp } from './stamp.ts'

/** A path that was found new or different, with copies of what the walk saw. */
export interface Waiting {
  readonly found: FoundPath
  /** Its stamp as it is known; absent for what is not known. */
  readonly known: Buffer | undefined
  /** What is to be read of it; absent where its facts are enough. */
  readonly order: ReadOrder | undefined
}

/** Files in one batch of orders at most. */
export const BATCH_FILES_MAX = 128
/** Bytes of files in one batch, about. */
const BATCH_BYTES_MAX = 4 * 1024 * 1024
/** Batches behind one that is not answered, so that what waits for a large file, or for a thread that ended, has bounds. */
export const BATCHES_MAX = 64

/** Paths in the order in which they were found, each waiting for what is read of it. */
export class ReadingQueue {
  readonly #readers: Readers
  readonly #onReady: (waiting: Waiting, answer: ReadAnswer | undefined) => void
  readonly #batches: Batch[] = []
  #open: Batch = new Batch()

  constructor(readers: Readers, onReady: (waiting: Waiting, answer: ReadAnswer | undefined) => void) {
    this.#readers = readers
    this.#onReady = onReady
  }

  push(waiting: Waiting): void {
    this.#open.add(waiting)
    if (this.#open.isFull) this.#close()
  }

  /** Waits for everything that was pushed. */
  end(): void {
    this.#close()
    for (const { reading } of this.#batches) this.#readers.await(reading)
    this.#settle()
  }

  #close(): void {
    const batch = this.#open
    this.#open = new Batch()
    this.#batches.push(batch)
    if (batch.reading.orders.length === 0) batch.reading.answers = []
    else if (!this.#readers.give(batch.reading)) this.#readers.read(batch.reading)
    this.#readers.collect()
    const [first] = this.#batches
    if (first !== undefined && this.#batches.length > BATCHES_MAX) this.#readers.await(first.reading)
    this.#settle()
  }

  #settle(): void {
    while (this.#batches[0]?.reading.answers !== undefined) this.#batches.shift()?.tell(this.#onReady)
  }
}

class Batch {
  readonly #waiting: Waiting[] = []
  readonly #orders: ReadOrder[] = []
  readonly reading: { readonly orders: readonly ReadOrder[]; bytes: number; answers: Reading['answers'] } = {
    orders: this.#orders,
    bytes: 0,
    answers: undefined,
  }

  get isFull(): boolean {
    return this.#waiting.length >= BATCH_FILES_MAX || this.reading.bytes >= BATCH_BYTES_MAX
  }

  add(waiting: Waiting): void {
    this.#waiting.push(waiting)
    if (waiting.order === undefined) return
    this.#orders.push(waiting.order)
    this.reading.bytes += sizeOfStamp(waiting.found.stamp)
  }

  tell(onReady: (waiting: Waiting, answer: ReadAnswer | undefined) => void): void {
    let at = 0
    for (const waiting of this.#waiting) {
      const answer = waiting.order === undefined ? undefined : this.reading.answers?.[at]
      if (waiting.order !== undefined) at += 1
      onReady(waiting, answer)
    }
  }
}
