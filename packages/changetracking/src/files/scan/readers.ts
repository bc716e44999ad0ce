import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads'

import type { Owners } from '../owners.ts'
import { type AnswerMessage, decodeAnswers, encodeOrders } from './reader-messages.ts'
import { type ReadAnswer, type ReadingCircumstances, type ReadOrder, readFile } from './read-file.ts'

/** What a reading thread is started with. */
export interface ReaderStart {
  readonly port: MessagePort
  /** Counts answers of all readers; who waits for one is woken by it. */
  readonly answered: Int32Array
  readonly nice: number
  readonly ioClass: 'idle' | 'best-effort'
  readonly owners: Owners
}

/** Orders on their way; `answers` is filled when they are done. */
export interface Reading {
  readonly orders: readonly ReadOrder[]
  /** Bytes of all its files, about. */
  readonly bytes: number
  answers: readonly ReadAnswer[] | undefined
}

/** How the threads are. */
export interface ReadersOptions {
  readonly count: number
  readonly nice: number
  readonly ioClass: 'idle' | 'best-effort'
  readonly circumstances: ReadingCircumstances
}

/** Files and bytes that the caller reads itself before threads are started. */
const ALONE_FILES_MAX = 512
const ALONE_BYTES_MAX = 16 * 1024 * 1024
/** Megabytes of V8's young generation in a thread that reads. */
const YOUNG_MEGABYTES_MAX = 6
/** Batches that one thread may have before it, so that it never waits for the next one. */
const AHEAD_MAX = 3
/** Bytes that one thread may have before it, so that the caller takes the next large file itself. */
const AHEAD_BYTES_MAX = 16 * 1024 * 1024
/** How long the answer of one batch may take before its thread counts as lost, in milliseconds: an hour. */
const ANSWER_MS_MAX = 3_600_000

/**
 * Threads that read files while the caller goes on, without its event loop: everything here is synchronous. Where all
 * are busy the caller reads itself.
 */
export class Readers implements Disposable {
  readonly #threads: Thread[] = []
  readonly #answered = new Int32Array(new SharedArrayBuffer(4))
  readonly #options: ReadersOptions
  #readAlone = { files: 0, bytes: 0 }

  constructor(options: ReadersOptions) {
    this.#options = options
  }

  /** Gives orders to the thread that has least to do; false where all have enough. */
  give(reading: Reading): boolean {
    if (this.#threads.length < this.#options.count && !this.#isWorthThreads(reading)) return false
    while (this.#threads.length < this.#options.count) this.#threads.push(this.#start())
    const thread = this.#threads.toSorted((one, other) => one.waiting.length - other.waiting.length)[0]
    if (thread === undefined || thread.waiting.length >= AHEAD_MAX) return false
    if (thread.waiting.reduce((sum, { bytes }) => sum + bytes, 0) >= AHEAD_BYTES_MAX) return false
    thread.waiting.push(reading)
    thread.port.postMessage(encodeOrders(reading.orders))
    return true
  }

  /** Starting a thread costs as much as reading some hundred files. */
  #isWorthThreads({ orders, bytes }: Reading): boolean {
    const alone = this.#readAlone
    alone.files += orders.length
    alone.bytes += bytes
    return alone.files > ALONE_FILES_MAX || alone.bytes > ALONE_BYTES_MAX
  }

  #start(): Thread {
    const { nice, ioClass, circumstances } = this.#options
    const { port1, port2 } = new MessageChannel()
    const { owners } = circumstances
    const workerData: ReaderStart = { port: port2, answered: this.#answered, nice, ioClass, owners }
    const worker = new Worker(new URL('./reader-thread.ts', import.meta.url), {
      workerData,
      transferList: [port2],
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEGABYTES_MAX },
    })
    worker.unref()
    port1.unref()
    return { worker, port: port1, waiting: [] }
  }

  /** Takes what has been answered. */
  collect(): void {
    for (const { port, waiting } of this.#threads)
      for (let message = receiveMessageOnPort(port); message; message = receiveMessageOnPort(port)) {
        const answers: AnswerMessage = message.message
        const reading = waiting.shift()
        if (reading) reading.answers = decodeAnswers(answers)
      }
  }

  /** Reads in this thread. */
  read(reading: Reading): void {
    reading.answers = reading.orders.map((order) => readFile(order, this.#options.circumstances))
  }

  /** Waits until these orders are answered. Throws where that takes longer than an hour. */
  await(reading: Reading): void {
    for (;;) {
      const before = Atomics.load(this.#answered, 0)
      this.collect()
      if (reading.answers !== undefined) return
      if (Atomics.wait(this.#answered, 0, before, ANSWER_MS_MAX) === 'timed-out')
        throw new Error('a thread that reads files does not answer; the next look begins anew')
    }
  }

  [Symbol.dispose](): void {
    for (const { worker, port } of this.#threads.splice(0)) {
      port.close()
      void worker.terminate()
    }
  }
}

interface Thread {
  readonly worker: Worker
  readonly port: MessagePort
  readonly waiting: Reading[]
}
