import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

import type { Clock } from '@tidemark/base'
import { LinuxError, openWaker, type Waker } from '@tidemark/linux'

import type { FromThread, ThreadStart, ToThread } from './messages.ts'
import type { Blind, Overflow, Touch, WatchCounts, WatchInterests, WatchMethod } from './touch.ts'

/** What a watch is given. */
export interface WatchOptions {
  readonly clock: Clock
  /** Ends the watch. */
  readonly signal: AbortSignal
  /** Takes a batch. While the promise is pending, further touches wait and coalesce; it must not reject. */
  onTouches(touches: readonly Touch[]): void | Promise<void>
  /** Look at everything below the roots. Waits as `onTouches` does; touches of the same batch come after it. */
  onOverflow(overflow: Overflow): void | Promise<void>
  /** Told again for the same root whenever what is watched is looked at anew. */
  onBlind(blind: Blind): void
  /** What to try first; `fanotify` unless said. */
  readonly prefer?: 'fanotify' | 'inotify'
}

/** Changes as the kernel tells them. */
export interface Watch extends AsyncDisposable {
  readonly method: WatchMethod
  /** Why the method is not fanotify, or why it ended; `undefined` where all is well. */
  readonly trouble: string | undefined
  readonly counts: WatchCounts
  /** Replaces what is watched; resolves when events are no longer missed. Resolves at once where nothing can be watched. */
  watch(interests: WatchInterests): Promise<void>
}

const nothing: WatchCounts = { events: 0, kept: 0, dropped: 0, overflows: 0, gone: 0, execs: 0 }

/**
 * Starts the watch in a thread of its own; resolves when it is known what the kernel allows. Never rejects for what a
 * machine refuses: `method` is `none` then. Disposing ends the thread; touches that were not told are lost (the next scan
 * sees them), and no callback is called after it. Safe to call twice.
 */
export async function openWatch(options: WatchOptions): Promise<Watch> {
  let waker: Waker
  try {
    waker = openWaker()
  } catch (error) {
    if (!(error instanceof LinuxError)) throw error
    return noWatch(`the kernel cannot be asked (${error.message}): changes are seen on schedule only`)
  }
  const watch = new RunningWatch(options, waker)
  await watch.ready
  return watch
}

function noWatch(trouble: string): Watch {
  return {
    method: 'none',
    trouble,
    counts: nothing,
    watch: async () => await Promise.resolve(),
    [Symbol.asyncDispose]: async () => await Promise.resolve(),
  }
}

class RunningWatch implements Watch {
  readonly #options: WatchOptions
  readonly #waker: Waker
  readonly #worker: Worker
  readonly #ended: Promise<unknown>
  readonly #ready = Promise.withResolvers<void>()
  readonly #waiting = new Map<number, () => void>()
  #handling: Promise<void> = Promise.resolve()
  #isStopped = false
  #closing: Promise<void> | undefined
  #asked = 0
  method: WatchMethod = 'none'
  trouble: string | undefined
  counts: WatchCounts = nothing

  constructor(options: WatchOptions, waker: Waker) {
    this.#options = options
    this.#waker = waker
    const workerData: ThreadStart = { wakerDescriptor: waker.descriptor, prefer: options.prefer ?? 'fanotify' }
    this.#worker = new Worker(new URL('watch-thread.ts', import.meta.url), { workerData })
    this.#worker.on('message', (message: FromThread) => this.#hear(message))
    this.#worker.on('error', (error) => this.#fail(error.message))
    this.#ended = once(this.#worker, 'exit').then(() => this.#fail('its thread ended'))
    options.signal.addEventListener('abort', this.#stop, { once: true })
    if (options.signal.aborted) this.#stop()
  }

  get ready(): Promise<void> {
    return this.#ready.promise
  }

  async watch(interests: WatchInterests): Promise<void> {
    if (this.method === 'none' || this.#isStopped) return
    this.#asked += 1
    const id = this.#asked
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.set(id, resolve)
    this.#send({ kind: 'watch', id, interests })
    await promise
  }

  #send(message: ToThread): void {
    this.#worker.postMessage(message)
    this.#waker.wake()
  }

  #hear(message: FromThread): void {
    if (message.kind === 'ready') {
      this.method = message.method
      this.trouble = message.trouble
      this.#ready.resolve()
    } else if (message.kind === 'watching') {
      this.#waiting.get(message.id)?.()
      this.#waiting.delete(message.id)
    } else if (message.kind === 'blind') {
      if (!this.#isStopped) for (const blind of message.blind) this.#options.onBlind(blind)
    } else if (message.kind === 'batch') {
      this.counts = message.counts
      this.#handling = this.#handling.then(async () => await this.#handle(message))
    } else this.#fail(message.reason)
  }

  async #handle({ touches, overflows }: FromThread & { readonly kind: 'batch' }): Promise<void> {
    for (const overflow of overflows) if (!this.#isStopped) await this.#options.onOverflow(overflow)
    if (touches.length > 0 && !this.#isStopped) await this.#options.onTouches(touches)
    if (!this.#isStopped) this.#send({ kind: 'taken' })
  }

  #fail(reason: string): void {
    if (this.#isStopped) return
    this.#isStopped = true
    const hadMethod = this.method !== 'none'
    this.method = 'none'
    this.trouble = `the watch ended (${reason}): changes are seen on schedule only, until change tracking starts anew`
    if (hadMethod) this.#options.onBlind({ root: '/', reason: this.trouble })
    this.#release()
  }

  readonly #stop = (): void => {
    if (this.#isStopped) return
    this.#isStopped = true
    this.#send({ kind: 'stop' })
    this.#release()
  }

  #release(): void {
    this.#ready.resolve()
    for (const resolve of this.#waiting.values()) resolve()
    this.#waiting.clear()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close()
    await this.#closing
  }

  async #close(): Promise<void> {
    this.#stop()
    this.#options.signal.removeEventListener('abort', this.#stop)
    await this.#ended
    this.#waker.close()
  }
}
