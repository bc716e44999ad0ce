import { Buffer } from 'node:buffer'
import { connect, type Socket } from 'node:net'

import type { Clock } from '@tidemark/base'

import { ChangeTrackingError } from '../../change-tracking-error.ts'
import { encodeMessage, type ReceivedMessage } from './message.ts'
import { MessageStream } from './message-stream.ts'
import type { BusValue } from './value.ts'

/** Calls that are under way at once; others wait for their turn. */
export const CALLS_MAX = 16
/** How long connecting, and each call, may take, in milliseconds. */
export const CALL_MS_MAX = 25_000
/** Bytes of the other side's lines before messages begin. */
const GREETING_BYTES_MAX = 4_096

/** Where the other side listens, and as whom we come. */
export interface BusAddress {
  /** A unix socket in the filesystem. */
  readonly path: string
  /** Our user's number, which the other side compares with what the kernel says. */
  readonly userId: number
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** What is called. */
export interface BusCall {
  readonly destination?: string
  readonly path: string
  readonly interface: string
  readonly member: string
  readonly signature?: string
  readonly values?: readonly BusValue[]
}

interface Pending {
  readonly resolve: (message: ReceivedMessage) => void
  readonly reject: (error: Error) => void
  readonly startedMs: number
}

/**
 * A connection to a D-Bus peer: a bus, or a program that listens itself. Calls are answered, or rejected with `bus-failed`
 * where the connection ends or a call takes too long, which ends the connection. Disposing ends it at once.
 */
export class BusConnection implements AsyncDisposable {
  readonly #socket: Socket
  readonly #clock: Clock
  readonly #stream = new MessageStream()
  readonly #pending = new Map<number, Pending>()
  readonly #turns: (() => void)[] = []
  readonly #ended = new AbortController()
  #underWay = 0
  #serial = 0
  #isWatched = false
  #onSignal: (message: ReceivedMessage) => void = () => undefined

  /** Connects and says who we are. Rejects with `bus-failed` where nobody listens or we are not let in. */
  static async open({ path, userId, clock, signal }: BusAddress): Promise<BusConnection> {
    const socket = connect({ path })
    const tooLate = new AbortController()
    const giveUp = AbortSignal.any([signal, tooLate.signal])
    const onAbort = (): void => void socket.destroy(new Error('gave up'))
    giveUp.addEventListener('abort', onAbort, { once: true })
    const done = new AbortController()
    const deadline = clock.sleep(CALL_MS_MAX, done.signal).then(
      () => tooLate.abort(),
      () => undefined,
    )
    try {
      const rest = await greeted(socket, userId)
      if (giveUp.aborted) throw new Error('stopped')
      return new BusConnection(socket, { clock, rest })
    } catch (error) {
      socket.destroy()
      const reason = error instanceof Error ? error.message : String(error)
      throw new ChangeTrackingError('bus-failed', `${path} cannot be used: ${reason}`, { cause: error })
    } finally {
      giveUp.removeEventListener('abort', onAbort)
      done.abort(new Error('done'))
      await deadline
    }
  }

  private constructor(socket: Socket, { clock, rest }: { readonly clock: Clock; readonly rest: Buffer }) {
    this.#socket = socket
    this.#clock = clock
    socket.on('data', (bytes: Buffer) => this.#take(bytes))
    socket.on('error', (error) => this.#end(error.message))
    socket.on('close', () => this.#end('the other side ended it'))
    if (rest.length > 0) this.#take(rest)
  }

  /** Aborts when the connection has ended, whoever ended it. */
  get ended(): AbortSignal {
    return this.#ended.signal
  }

  /** Hands over each signal that comes from now on. */
  onSignal(listener: (message: ReceivedMessage) => void): void {
    this.#onSignal = listener
  }

  /** Calls a method and gives its answer, or the error that the other side answered with: the message's kind tells. */
  async call(call: BusCall): Promise<ReceivedMessage> {
    if (this.#underWay >= CALLS_MAX) await new Promise<void>((resolve) => this.#turns.push(resolve))
    else this.#underWay += 1
    try {
      return await this.#ask(call)
    } finally {
      const next = this.#turns.shift()
      if (next === undefined) this.#underWay -= 1
      else next()
    }
  }

  async #ask({ values = [], signature = '', ...call }: BusCall): Promise<ReceivedMessage> {
    if (this.#ended.signal.aborted) throw asError(this.#ended.signal.reason)
    this.#serial = (this.#serial % 0xffff_fffe) + 1
    const serial = this.#serial
    const answer = new Promise<ReceivedMessage>((resolve, reject) => {
      this.#pending.set(serial, { resolve, reject, startedMs: this.#clock.monotonicMs() })
    })
    this.#socket.write(encodeMessage({ kind: 'call', serial, signature, ...call }, values))
    if (!this.#isWatched) void this.#watchDeadlines()
    return await answer
  }

  /** Ends the connection when its oldest call took too long. One timer for all calls. */
  async #watchDeadlines(): Promise<void> {
    this.#isWatched = true
    for (;;) {
      const [oldest] = this.#pending.values()
      if (oldest === undefined) break
      const leftMs = oldest.startedMs + CALL_MS_MAX - this.#clock.monotonicMs()
      if (leftMs <= 0) this.#end(`no answer within ${CALL_MS_MAX / 1_000} s`)
      else await this.#clock.sleep(leftMs, this.#ended.signal).catch(() => undefined)
    }
    this.#isWatched = false
  }

  #take(bytes: Buffer): void {
    try {
      for (const message of this.#stream.add(bytes)) this.#handle(message)
    } catch (error) {
      this.#end(error instanceof Error ? error.message : String(error))
    }
  }

  #handle(message: ReceivedMessage): void {
    if (message.kind === 'signal') return this.#onSignal(message)
    // Nobody has anything to ask us.
    if (message.replyTo === undefined || message.kind === 'call') return
    const pending = this.#pending.get(message.replyTo)
    this.#pending.delete(message.replyTo)
    pending?.resolve(message)
  }

  #end(reason: string): void {
    if (this.#ended.signal.aborted) return
    const error = new ChangeTrackingError('bus-failed', `the connection ended: ${reason}`)
    this.#ended.abort(error)
    this.#socket.destroy()
    for (const { reject } of this.#pending.values()) reject(error)
    this.#pending.clear()
  }

  /** What is under way is rejected. Safe to call twice. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#end('we ended it')
    await Promise.resolve()
  }
}

/**
 * The lines before the messages (D-Bus specification, "Authentication Protocol"); gives what came behind them.
 *
 *     → NUL AUTH EXTERNAL <user number in hex of its digits>, BEGIN    ← OK <guid>    → messages
 *
 * BEGIN comes with the line before it, as systemd's own client has it: when systemd reads BEGIN and a message together, it
 * may not look at the message before the next one comes (seen with 252).
 */
async function greeted(socket: Socket, userId: number): Promise<Buffer> {
  const answer = new Promise<{ line: string; rest: Buffer }>((resolve, reject) => {
    let bytes = Buffer.alloc(0)
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('the other side ended the connection')))
    socket.on('data', (more: Buffer) => {
      bytes = Buffer.concat([bytes, more])
      const end = bytes.indexOf('\r\n')
      if (end >= 0) resolve({ line: bytes.toString('latin1', 0, end), rest: bytes.subarray(end + 2) })
      else if (bytes.length > GREETING_BYTES_MAX) reject(new Error('no line of D-Bus came'))
    })
  })
  socket.write(`\0AUTH EXTERNAL ${Buffer.from(String(userId)).toString('hex')}\r\nBEGIN\r\n`)
  const { line, rest } = await answer.finally(() => socket.removeAllListeners())
  if (!line.startsWith('OK')) throw new Error(`we are not let in (${line.slice(0, 100)})`)
  return rest
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason))
}
