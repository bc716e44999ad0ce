import { Worker } from 'node:worker_threads'

import type { Clock } from '@tidemark/base'
import type { ScanBudget } from '@tidemark/model'

import type { EntryCounts } from './counts.ts'
import type { Findings } from './findings.ts'
import type { ScanJob, ScanResult } from './scan.ts'

/** What the scanning thread is told to do. */
export interface ScanOrder {
  readonly job: ScanJob
  readonly budget: ScanBudget
  /** The state's file; whoever gives the order holds `knownFiles()` of it open. */
  readonly database: string
}

/** Places in the memory that both threads share: parts of findings that were kept, and whether the scan is to stop. */
export const CONTROL = { kept: 0, stop: 1 } as const

/** What a scan came to, as it comes from its thread. */
export interface ScanDone {
  readonly totals: Omit<ScanResult, 'counts'> & { readonly ownersHash: string }
  readonly entries: readonly EntryCounts[]
  readonly total: Readonly<EntryCounts>
}

export type FromScanThread =
  | { readonly kind: 'findings'; readonly findings: Findings }
  | { readonly kind: 'progress'; readonly total: Readonly<EntryCounts> }
  | ({ readonly kind: 'done' } & ScanDone)
  | { readonly kind: 'failed'; readonly reason: string; readonly isStopped: boolean }

/** How long the thread is kept without an order, in milliseconds: it takes memory and is soon there again. */
export const IDLE_MS = 20_000

/** Runs scans in a thread of its own, one at a time; the thread is started when it is needed. */
export class ScanWorker implements AsyncDisposable {
  readonly #clock: Clock
  readonly #program: URL
  #thread: { readonly worker: Worker; readonly control: Int32Array } | undefined
  #idle = new AbortController()

  /** The thread's program is the usual one where nothing is said. */
  constructor(clock: Clock, program: URL = new URL('./scan-thread.ts', import.meta.url)) {
    this.#clock = clock
    this.#program = program
  }

  /**
   * Runs one scan. `keep` gets the findings part by part, each before the next one is looked for. Rejects with the
   * signal's reason when it aborts, with what `keep` throws, or with why the scan failed; what was kept stays.
   */
  async run(
    order: ScanOrder,
    on: {
      readonly keep: (findings: Findings) => void | Promise<void>
      readonly progress: (total: Readonly<EntryCounts>) => void
      readonly signal: AbortSignal
    },
  ): Promise<ScanDone> {
    on.signal.throwIfAborted()
    this.#idle.abort()
    this.#thread ??= this.#start()
    const { worker, control } = this.#thread
    try {
      return await exchange({ worker, control }, order, on)
    } catch (error) {
      // A thread in the middle of something is not used again.
      this.#thread = undefined
      await worker.terminate()
      throw error
    } finally {
      this.#idle = new AbortController()
      void this.#endWhenIdle(this.#idle.signal)
    }
  }

  #start(): { worker: Worker; control: Int32Array } {
    const control = new Int32Array(new SharedArrayBuffer(8))
    const worker = new Worker(this.#program, { workerData: control })
    // One that ends without an order is missed by nobody; the next order starts another.
    worker.on('error', () => undefined)
    worker.on('exit', () => {
      if (this.#thread?.worker === worker) this.#thread = undefined
    })
    worker.unref()
    return { worker, control }
  }

  async #endWhenIdle(signal: AbortSignal): Promise<void> {
    const isIdle = await this.#clock.sleep(IDLE_MS, signal).then(
      () => true,
      () => false,
    )
    if (isIdle) await this.#end()
  }

  async #end(): Promise<void> {
    const thread = this.#thread
    this.#thread = undefined
    await thread?.worker.terminate()
  }

  /** Ends the thread. A scan that runs is to be aborted by its signal first. Safe to call twice. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#idle.abort()
    await this.#end()
  }
}

async function exchange(
  { worker, control }: { readonly worker: Worker; readonly control: Int32Array },
  order: ScanOrder,
  on: {
    readonly keep: (findings: Findings) => void | Promise<void>
    readonly progress: (total: Readonly<EntryCounts>) => void
    readonly signal: AbortSignal
  },
): Promise<ScanDone> {
  const { promise, resolve, reject } = Promise.withResolvers<ScanDone>()
  const stop = (): void => {
    Atomics.store(control, CONTROL.stop, 1)
    Atomics.notify(control, CONTROL.stop)
    reject(on.signal.reason)
  }
  // The thread waits until it is kept: there is one at a time.
  const keep = async (findings: Findings): Promise<void> => {
    await on.keep(findings)
    Atomics.add(control, CONTROL.kept, 1)
    Atomics.notify(control, CONTROL.kept)
  }
  const onMessage = (message: FromScanThread): void => {
    try {
      if (message.kind === 'progress') on.progress(message.total)
      else if (message.kind === 'done') resolve(message)
      else if (message.kind === 'failed') reject(new Error(`the scan failed: ${message.reason}`))
      else void keep(message.findings).catch(reject)
    } catch (error) {
      reject(error)
    }
  }
  const onExit = (code: number): void => reject(new Error(`the thread that scans ended with ${code}`))
  on.signal.addEventListener('abort', stop)
  worker.on('message', onMessage).on('error', reject).on('exit', onExit)
  worker.ref()
  worker.postMessage(order)
  try {
    return await promise
  } finally {
    on.signal.removeEventListener('abort', stop)
    worker.off('message', onMessage).off('error', reject).off('exit', onExit)
    worker.unref()
  }
}
