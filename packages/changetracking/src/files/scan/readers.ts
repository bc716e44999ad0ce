import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads'

import { isThreadAlive } from '../../host/this-thread.ts'
import type { Owners } from '../owners.ts'
import { decodeAnswers, encodeOrders, type FromReader } from './reader-messages.ts'
import { type ReadAnswer, type ReadingCircumstances, type ReadOrder, readFile } from './read-file.ts'

/** What a reading thread is started with. */
export interface ReaderStart {
  readonly port: MessagePort
  /** Counts answers of all readers; who waits for one is woken by it. */
  readonly answered: Int32Array
  /** Gets the thread's number, so that it is seen when it ended. */
  readonly thread: Int32Array
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
  /** The threads' program; the usual one where nothing is said. */
  readonly program?: URL
}

/** Files and bytes that the caller reads itself before threads are started. */
export const ALONE_FILES_MAX = 512
const ALONE_BYTES_MAX = 16 * 1024 * 1024
/** Megabytes of V8's young generation in a thread that reads. */
const YOUNG_MEGABYTES_MAX = 6
/** Batches that one thread may have before it, so that it has enough to do while the caller keeps what was found. */
export const AHEAD_MAX = 8
/** Bytes that one thread may have before it, so that the caller takes the next large file itself. */
export const AHEAD_BYTES_MAX = 16 * 1024 * 1024
/** How long an answer is waited for before it is looked whether its thread is still there, in milliseconds. */
const CHECK_MS = 1_000
/** So often, an hour for one batch: then its thread counts as lost although it is there. */
const CHECKS_MAX = 3_600
/** So often until the thread has begun. */
const START_CHECKS_MAX = 60

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

  /** Starts the threads now, where it is known that there is much to read: they take a while to begin. */
  begin(): void {
    while (this.#threads.length < this.#options.count) this.#threads.push(this.#start())
  }

  /** Gives orders to the thread that has least to do; false where all have enough. */
  give(reading: Reading): boolean {
    if (this.#threads.length < this.#options.count && !this.#isWorthThreads(reading)) return false
    this.begin()
    const next = this.#threads.toSorted((one, other) => one.waiting.length - other.waiting.length)[0]
    if (next === undefined || next.waiting.length >= AHEAD_MAX) return false
    if (next.waiting.reduce((sum, { bytes }) => sum + bytes, 0) >= AHEAD_BYTES_MAX) return false
    next.waiting.push(reading)
    next.port.postMessage(encodeOrders(reading.orders))
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
    const { nice, ioClass, circumstances, program = new URL('./reader-thread.ts', import.meta.url) } = this.#options
    const thread = new Int32Array(new SharedArrayBuffer(4))
    const { port1, port2 } = new MessageChannel()
    const { owners } = circumstances
    const workerData: ReaderStart = { port: port2, answered: this.#answered, thread, nice, ioClass, owners }
    const worker = new Worker(program, {
      workerData,
      transferList: [port2],
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEGABYTES_MAX },
    })
    // Whoever waits for it sees that it is gone; without somebody who hears of it the process would end.
    worker.on('error', () => undefined).unref()
    port1.unref()
    return { worker, port: port1, thread, waiting: [] }
  }

  /** Takes what has been answered. Throws what a thread threw. */
  collect(): void {
    for (const { port, waiting } of this.#threads)
      for (let message = receiveMessageOnPort(port); message; message = receiveMessageOnPort(port)) {
        const answer: FromReader = message.message
        if (answer.kind === 'failed') throw new Error(`a thread that reads files failed: ${answer.reason}`)
        const reading = waiting.shift()
        if (reading) reading.answers = decodeAnswers(answer)
      }
  }

  /** Reads in this thread. */
  read(reading: Reading): void {
    reading.answers = reading.orders.map((order) => readFile(order, this.#options.circumstances))
  }

  /** Waits until these orders are answered. Throws where their thread threw or ended, or takes longer than an hour. */
  await(reading: Reading): void {
    let checks = 0
    for (;;) {
      const before = Atomics.load(this.#answered, 0)
      const isLost = checks > 0 && this.#isLost(reading, checks)
      // What a thread answered before it ended counts.
      this.collect()
      if (reading.answers !== undefined) return
      if (isLost) throw new Error('a thread that reads files ended or does not answer; the next look begins anew')
      if (Atomics.wait(this.#answered, 0, before, CHECK_MS) === 'timed-out') checks += 1
    }
  }

  #isLost(reading: Reading, checks: number): boolean {
    const number = this.#threads.find(({ waiting }) => waiting.includes(reading))?.thread[0] ?? 0
    if (number === 0) return checks >= START_CHECKS_MAX
    return checks >= CHECKS_MAX || (number > 0 && !isThreadAlive(number))
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
  /** Its number, 0 before it has begun, -1 where it is not known. */
  readonly thread: Int32Array
  readonly waiting: Reading[]
}
