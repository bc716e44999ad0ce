import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import { backoffMs, chance, type Clock } from '@tidemark/base'
import type { Logger } from 'pino'

import { type Insert, type OpenedRowStore, type Select, StoreRefused, StoreUnavailable } from '../ports.ts'
import { ServerError } from '../server-error.ts'
import { faultOf } from './faults.ts'
import type { StoreMessage, StoreRequest } from './messages.ts'

/** Requests under way at a time; one more is answered `StoreUnavailable`. */
export const REQUESTS_MAX = 256
/** How long the process may take to open, in milliseconds. */
const OPEN_MS_MAX = 60_000

/** How long another process may hold the folder before that counts as a failure, in milliseconds. */
const HELD_MS_MAX = 10_000

/** How long what is under way may take when the store is closed, in milliseconds; then the process is killed. */
const CLOSE_MS_MAX = 10_000
/** Characters of the process's last words that are kept. */
const COMPLAINT_CHARS_MAX = 2_000

interface Pending {
  readonly resolve: (rows: string) => void
  readonly reject: (error: Error) => void
}

type Unsent<T> = T extends unknown ? Omit<T, 'id'> : never

/**
 * chDB in a process of its own. When it dies, what was under way rejects with `StoreUnavailable` and it is started
 * again; what it had confirmed is on its disk.
 */
export class ChdbStore implements OpenedRowStore {
  readonly #folder: string
  readonly #clock: Clock
  readonly #log: Logger
  readonly #pending = new Map<number, Pending>()
  readonly #stop = new AbortController()
  #child: ChildProcess | undefined
  #isReady = false
  #lastId = 0
  #running: Promise<void> = Promise.resolve()

  private constructor(folder: string, clock: Clock, log: Logger) {
    this.#folder = folder
    this.#clock = clock
    this.#log = log
  }

  /** Throws `ServerError` `store-failed` where it cannot be opened, e.g. because another process has the folder. */
  static async open(folder: string, options: { readonly clock: Clock; readonly log: Logger }): Promise<ChdbStore> {
    const store = new ChdbStore(folder, options.clock, options.log)
    const first = Promise.withResolvers<void>()
    store.#running = store.#keepRunning(first)
    try {
      await first.promise
    } catch (error) {
      await store[Symbol.asyncDispose]()
      throw error
    }
    return store
  }

  /** Whether requests can be answered at the moment. */
  get isReady(): boolean {
    return this.#isReady
  }

  /** Its process id, 0 while it is not running. */
  get pid(): number {
    return this.#child?.pid ?? 0
  }

  async insert(insert: Insert): Promise<void> {
    await this.#ask({ kind: 'insert', ...insert })
  }

  async select({ sql, parameters, timeMsMax, signal }: Select): Promise<unknown[][]> {
    signal?.throwIfAborted()
    const text = await this.#ask({ kind: 'select', sql, parameters, timeMsMax }, signal)
    return text
      .split('\n')
      .filter(Boolean)
      .map((line): unknown[] => JSON.parse(line))
  }

  // An abort ends the waiting. chDB itself goes on until it is done or its time is over, whatever it was told.
  async #ask(request: Unsent<StoreRequest>, signal?: AbortSignal): Promise<string> {
    const child = this.#child
    if (child === undefined || !this.#isReady) throw new StoreUnavailable('the store is starting')
    if (this.#pending.size >= REQUESTS_MAX) throw new StoreUnavailable('the store is busy')
    this.#lastId += 1
    const id = this.#lastId
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    const onAbort = (): void =>
      this.#settle(id)?.reject(new Error('nobody waits for the answer', { cause: signal?.reason }))
    this.#pending.set(id, { resolve, reject })
    signal?.addEventListener('abort', onAbort)
    child.send({ ...request, id }, (error) => {
      if (error) this.#settle(id)?.reject(new StoreUnavailable(`the store is gone: ${error.message}`))
    })
    try {
      return await promise
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id)
    this.#pending.delete(id)
    return pending
  }

  async #keepRunning(first: PromiseWithResolvers<void>): Promise<void> {
    const startedMs = this.#clock.monotonicMs()
    for (let failures = 0; !this.#stop.signal.aborted; failures += 1) {
      const failure = await this.#runOnce(() => {
        first.resolve()
        failures = 0
      })
      // The process of a server that was just killed may still be on its way out, and hold the folder.
      if (this.#clock.monotonicMs() - startedMs > HELD_MS_MAX)
        first.reject(new ServerError('store-failed', `the store ${this.#folder} cannot be opened: ${failure}`))
      if (this.#stop.signal.aborted) return
      this.#log.error({ failure }, 'the store ended; it is started again')
      await this.#clock
        .sleep(backoffMs(failures, { firstMs: 200, delayMsMax: 10_000 }, chance), this.#stop.signal)
        .catch(() => undefined)
    }
  }

  /** One life of the process; resolves with why it ended. */
  async #runOnce(onReady: () => void): Promise<string> {
    const main = fileURLToPath(new URL('chdb-main.ts', import.meta.url))
    const child = fork(main, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
    this.#child = child
    let complaints = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      complaints = `${complaints}${text}`.slice(-COMPLAINT_CHARS_MAX)
    })
    const late = new AbortController()
    this.#clock
      .sleep(OPEN_MS_MAX, late.signal)
      .then(() => child.kill('SIGKILL'))
      .catch(() => undefined)
    let reason = ''
    child.on('message', (message: StoreMessage) => {
      if (message.kind === 'ready') {
        late.abort()
        this.#isReady = true
        onReady()
      } else if (message.kind === 'failed-to-open') reason = message.reason
      else if (message.kind === 'done') this.#settle(message.id)?.resolve(message.rows)
      else this.#settle(message.id)?.reject(new StoreRefused(message.reason, faultOf(message.code)))
    })
    // Where this fails, the process is ending, and that is told below.
    child.send({ kind: 'open', id: 0, folder: this.#folder } satisfies StoreRequest, () => undefined)
    const ended = await new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message))
      child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`))
    })
    late.abort()
    this.#isReady = false
    this.#child = undefined
    for (const id of this.#pending.keys())
      this.#settle(id)?.reject(new StoreUnavailable(`the store ended (${ended}) and is started again`))
    return reason || `${ended} ${complaints}`.trim()
  }

  /** Lets what is under way end, for ten seconds at most, then ends the process. Safe to call twice. */
  async [Symbol.asyncDispose](): Promise<void> {
    const endMs = this.#clock.monotonicMs() + CLOSE_MS_MAX
    while (this.#pending.size > 0 && this.#isReady && !this.#stop.signal.aborted && this.#clock.monotonicMs() < endMs)
      await this.#clock.sleep(10)
    this.#stop.abort()
    const child = this.#child
    if (child?.connected) child.disconnect()
    const isOver = new AbortController()
    const kill = this.#clock.sleep(CLOSE_MS_MAX, isOver.signal).then(
      () => child?.kill('SIGKILL'),
      () => undefined,
    )
    await this.#running
    isOver.abort()
    await kill
  }
}
