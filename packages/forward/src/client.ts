import { connect, type Socket } from 'node:net'

import type { Clock, Outcome } from '@tidemark/base'

import { decodeValues } from './codec.ts'
import { encodeMessage, encodeRequest, type ForwardMode } from './encoder.ts'
import { ForwardError } from './error.ts'
import type { ForwardEntry } from './message.ts'

/** How a connection is made and how long its answers may take. */
export interface ConnectOptions {
  readonly clock: Clock
  /** Closes the connection when it aborts. */
  readonly signal?: AbortSignal
  /** How long an ack or an answer may take; 30 s where nothing is said. */
  readonly answerMsMax?: number
}

/** Bytes of an answer at most: what real clients read of one (protocol.md §1). */
export const ANSWER_BYTES_MAX = 1_024_000

/** One connection to a Forward server. Uses are queued: one question is under way at a time. */
export interface ForwardClient extends AsyncDisposable {
  readonly isOpen: boolean
  /**
   * Sends entries. With a `chunk` it resolves when the ack came; without, when the bytes are written. `unavailable`
   * means: not known to be taken, connect again and send the same chunk. Never rejects.
   */
  send(
    tag: string,
    entries: readonly ForwardEntry[],
    options?: { readonly chunk?: string; readonly mode?: ForwardMode },
  ): Promise<Outcome>
  /** Sends a request and resolves with the answer's JSON text as soon as it is complete. Throws `ForwardError`. */
  request(text: string): Promise<string>
}

/** Connects, or throws `ForwardError` `unreachable`. */
export async function connectForward(address: string, options: ConnectOptions): Promise<ForwardClient> {
  const socket = connect(address)
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', (cause) =>
      reject(
        new ForwardError('unreachable', `${address.replaceAll('\0', '@')} does not answer: ${cause.message}`, {
          cause,
        }),
      ),
    )
  })
  return new Connection(socket, options)
}

class Connection implements ForwardClient {
  readonly #socket: Socket
  readonly #options: ConnectOptions
  #received: Uint8Array[] = []
  #wake: () => void = () => undefined
  #queue: Promise<unknown> = Promise.resolve()

  constructor(socket: Socket, options: ConnectOptions) {
    this.#socket = socket
    this.#options = options
    socket.on('data', (bytes: Uint8Array) => {
      this.#received.push(bytes)
      this.#wake()
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#wake())
    const abort = (): void => void socket.destroy()
    options.signal?.addEventListener('abort', abort, { once: true })
    socket.once('close', () => options.signal?.removeEventListener('abort', abort))
    if (options.signal?.aborted) socket.destroy()
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed && this.#socket.writable
  }

  async send(
    tag: string,
    entries: readonly ForwardEntry[],
    options: { chunk?: string; mode?: ForwardMode } = {},
  ): Promise<Outcome> {
    const { chunk } = options
    const bytes = encodeMessage({ tag, entries, ...(chunk === undefined ? {} : { chunk }) }, options.mode)
    try {
      return await this.#inTurn(async () => {
        await this.#write(bytes)
        if (chunk === undefined) return { kind: 'accepted' }
        const ack = await this.#read(completeAck)
        if (ack === chunk) return { kind: 'accepted' }
        this.#socket.destroy()
        return { kind: 'unavailable', reason: `the ack is for "${ack}", not for "${chunk}"` }
      })
    } catch (error) {
      return { kind: 'unavailable', reason: error instanceof Error ? error.message : String(error) }
    }
  }

  async request(text: string): Promise<string> {
    return await this.#inTurn(async () => {
      await this.#write(encodeRequest(text))
      return await this.#read(completeJson)
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy()
    await this.#queue.catch(() => undefined)
  }

  #inTurn<T>(use: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(use, use)
    this.#queue = turn.catch(() => undefined)
    return turn
  }

  async #write(bytes: Uint8Array): Promise<void> {
    this.#received = []
    await this.#withinTime(
      new Promise<void>((resolve, reject) => {
        if (!this.isOpen) return reject(new ForwardError('closed', 'the connection is closed'))
        const closed = (): void => reject(new ForwardError('closed', 'the connection was closed while writing'))
        this.#socket.once('close', closed)
        this.#socket.write(bytes, (cause) => {
          // One listener for each message would be there as long as the connection.
          this.#socket.off('close', closed)
          if (cause) reject(new ForwardError('closed', `the connection broke: ${cause.message}`, { cause }))
          else resolve()
        })
      }),
    )
  }

  /** Reads until `complete` finds a value in what came so far. */
  async #read<T>(complete: (bytes: Uint8Array) => T | undefined): Promise<T> {
    return await this.#withinTime(this.#readOn(complete))
  }

  async #readOn<T>(complete: (bytes: Uint8Array) => T | undefined): Promise<T> {
    for (;;) {
      const bytes = Buffer.concat(this.#received)
      const value = bytes.length === 0 ? undefined : complete(bytes)
      if (value !== undefined) return value
      if (bytes.length > ANSWER_BYTES_MAX)
        throw new ForwardError('answer-too-long', `the answer is longer than ${ANSWER_BYTES_MAX} bytes`)
      if (!this.isOpen) throw new ForwardError('closed', 'the connection was closed before the answer was complete')
      const count = this.#received.length
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        if (this.#received.length > count || !this.isOpen) resolve()
      })
    }
  }

  async #withinTime<T>(work: Promise<T>): Promise<T> {
    const durationMs = this.#options.answerMsMax ?? 30_000
    const done = new AbortController()
    const late = this.#options.clock.sleep(durationMs, done.signal).then(
      () => {
        this.#socket.destroy()
        throw new ForwardError('timed-out', `no answer within ${durationMs} ms`)
      },
      () => work,
    )
    try {
      return await Promise.race([work, late])
    } finally {
      done.abort()
      late.catch(() => undefined)
    }
  }
}

function completeAck(bytes: Uint8Array): string | undefined {
  try {
    for (const value of decodeValues(bytes)) {
      if (typeof value === 'object' && value !== null && 'ack' in value) return String(value.ack)
    }
  } catch {
    return undefined
  }
  return undefined
}

/** JSON tells by itself when it is complete: as soon as it can be parsed. */
function completeJson(bytes: Uint8Array): string | undefined {
  const text = Buffer.from(bytes).toString('utf8').trim()
  if (!/[}\]"\w]$/.test(text)) return undefined
  try {
    JSON.parse(text)
    return text
  } catch {
    return undefined
  }
}
