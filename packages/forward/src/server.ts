import { createServer, type Server, type Socket } from 'node:net'

import type { Clock, Outcome } from '@tidemark/base'

import { ForwardDecoder } from './decoder.ts'
import { encodeAck } from './encoder.ts'
import { ForwardError } from './error.ts'
import { makeSocketFileReachable, removeStaleSocketFile } from './host/socket-file.ts'
import { isFileAddress, SUN_PATH_BYTES } from './address.ts'
import { type ForwardLimits, forwardLimits } from './limits.ts'
import type { ForwardEvent, ForwardMessage } from './message.ts'

/** One connection, as a handler sees it. */
export interface Peer {
  /** Counts from 1 for each server. */
  readonly id: number
  readonly socket: Socket
}

/** What a Forward server is for. Called for the events of a connection in their order. */
export interface ForwardHandler {
  /**
   * `accepted` writes the ack that was asked for; anything else closes the connection, so that the sender resends.
   * Messages that came together are handed over one after the other without waiting, so that one sync may bring all of
   * them to disk; whoever cannot take one must not take a later one that is under way.
   */
  onMessage(message: ForwardMessage, peer: Peer): Promise<Outcome>
  /** The answer is written as it is, in one write. */
  onRequest(text: string, peer: Peer): Promise<string>
}

/** Where to listen, who handles what comes, and how much one peer may ask for. */
export interface ListenOptions {
  /** From `socketAddress` or `abstractAddress`. */
  readonly address: string
  readonly handler: ForwardHandler
  readonly clock: Clock
  readonly limits?: Partial<ForwardLimits>
  /** Mode of a socket that is a file; 0660 where nothing is said. */
  readonly mode?: number
  /** Asked at each connection: a reason refuses it. */
  readonly admit?: (socket: Socket) => string | undefined
  /** Told one line for each connection that was closed for what it did. */
  readonly onTrouble?: (text: string) => void
}

/** A server that listens. Dispose: stops accepting at once, lets handlers in progress end, closes the rest. */
export interface ForwardServer extends AsyncDisposable {
  readonly address: string
  readonly connectionCount: number
}

/**
 * Listens for Forward frames and requests. Throws `ForwardError` `address-in-use` where somebody else holds the
 * address; the file of a socket that nobody listens on any more is replaced.
 */
export async function listenForward(options: ListenOptions): Promise<ForwardServer> {
  if (isFileAddress(options.address)) await removeStaleSocketFile(options.address)
  const connections = new Connections(options)
  const server = createServer({ pauseOnConnect: true }, (socket) => connections.add(socket))
  await listening(server, options.address)
  if (isFileAddress(options.address)) makeSocketFileReachable(options.address, options.mode ?? 0o660)
  return {
    address: options.address,
    get connectionCount() {
      return connections.count
    },
    [Symbol.asyncDispose]: async () => {
      const closed = server.listening ? new Promise<void>((resolve) => server.close(() => resolve())) : undefined
      await connections.end()
      await closed
    },
  }
}

function listening(server: Server, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    if (isFileAddress(address) && Buffer.byteLength(address) >= SUN_PATH_BYTES) {
      const why = `a socket's path has at most ${SUN_PATH_BYTES - 1} bytes: take a folder with a shorter name`
      return reject(new ForwardError('address-refused', `cannot listen on ${address}: ${why}`))
    }
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const name = address.replaceAll('\0', '@')
      const isHeld = cause.code === 'EADDRINUSE'
      const message = isHeld ? `${name} is held by another process` : `cannot listen on ${name}: ${cause.message}`
      reject(new ForwardError(isHeld ? 'address-in-use' : 'address-refused', message, { cause }))
    })
    server.listen(address, resolve)
  })
}

class Connections {
  readonly #options: ListenOptions
  readonly #limits: ForwardLimits
  readonly #open = new Map<Socket, { readonly peer: Peer; readonly decoder: ForwardDecoder; served: Promise<void> }>()
  #lastId = 0
  #isEnding = false

  constructor(options: ListenOptions) {
    this.#options = options
    this.#limits = { ...forwardLimits, ...options.limits }
  }

  get count(): number {
    return this.#open.size
  }

  add(socket: Socket): void {
    this.#lastId += 1
    const peer: Peer = { id: this.#lastId, socket }
    socket.on('error', () => socket.destroy())
    const reason = this.#isEnding ? 'stopping' : this.#refusal(socket)
    if (reason !== undefined) {
      if (!this.#isEnding) this.#trouble(peer, reason)
      socket.destroy()
      return
    }
    const connection = { peer, decoder: new ForwardDecoder(this.#limits), served: Promise.resolve() }
    this.#open.set(socket, connection)
    connection.served = this.#serve(peer, connection.decoder)
      .catch((error: unknown) => this.#trouble(peer, error instanceof Error ? error.message : String(error)))
      .finally(() => {
        socket.destroy()
        this.#open.delete(socket)
      })
  }

  /** Ends every connection after the handler in progress; safe to call twice. */
  async end(): Promise<void> {
    this.#isEnding = true
    const served = [...this.#open.values()].map((connection) => connection.served)
    for (const socket of this.#open.keys()) socket.destroy()
    await Promise.all(served)
  }

  #refusal(socket: Socket): string | undefined {
    if (this.#open.size >= this.#limits.connectionsMax)
      return `refused: ${this.#limits.connectionsMax} connections are open`
    const reason = this.#options.admit?.(socket)
    return reason === undefined ? undefined : `refused: ${reason}`
  }

  /** Reads on only when everything read so far is dealt with: the peer feels it as backpressure. */
  async #serve(peer: Peer, decoder: ForwardDecoder): Promise<void> {
    const { clock } = this.#options
    const { frameMsMax } = this.#limits
    const tooSlow = (what: string) => (): void => {
      this.#trouble(peer, `${what} after ${frameMsMax} ms`)
      peer.socket.destroy()
    }
    const reading = new Deadline(clock, frameMsMax, tooSlow('a frame was not complete'))
    const writing = new Deadline(clock, frameMsMax, tooSlow('an answer was not read'))
    let frameOffset = -1
    try {
      for await (const bytes of peer.socket as AsyncIterable<Uint8Array>) {
        const events = decoder.push(bytes)
        // However often some bytes come: the whole frame has this long.
        if (decoder.frameOffset !== frameOffset || decoder.begunBytes === 0) reading.clear()
        if (!(await this.#handleAll(events, peer, writing))) return
        frameOffset = decoder.frameOffset
        if (decoder.begunBytes > 0) reading.start()
        this.#closeLargest()
      }
    } catch (error) {
      if (!peer.socket.destroyed) throw error
    } finally {
      reading.clear()
      writing.clear()
    }
  }

  /** Begun frames cost memory: where they are too much together, the largest goes. */
  #closeLargest(): void {
    const connections = [...this.#open.values()]
    const bytes = connections.reduce((sum, { decoder }) => sum + decoder.begunBytes, 0)
    if (bytes <= this.#limits.begunBytesMax) return
    const [largest] = connections.sort((one, other) => other.decoder.begunBytes - one.decoder.begunBytes)
    if (largest === undefined || largest.peer.socket.destroyed) return
    this.#trouble(largest.peer, `begun frames of all connections hold more than ${this.#limits.begunBytesMax} bytes`)
    largest.peer.socket.destroy()
  }

  /** Messages that came together are handed over together, and answered in order. False where the connection has to be closed. */
  async #handleAll(events: readonly ForwardEvent[], peer: Peer, writing: Deadline): Promise<boolean> {
    let underWay: UnderWay[] = []
    for (const event of events) {
      if (event.kind === 'message') {
        const { message } = event
        underWay.push({ message, outcome: this.#options.handler.onMessage(message, peer) })
        if (underWay.length < this.#limits.messagesUnderWayMax) continue
      }
      if (!(await this.#answer(underWay, peer, writing))) return false
      underWay = []
      if (event.kind === 'malformed') {
        this.#trouble(peer, `byte ${event.offset}: ${event.reason}`)
        return false
      }
      if (event.kind !== 'request') continue
      const answer = await this.#options.handler.onRequest(event.text, peer)
      if (!(await this.#write(peer.socket, Buffer.from(answer), writing))) return false
    }
    return await this.#answer(underWay, peer, writing)
  }

  /** Writes the acks up to the first message that was not taken. */
  async #answer(underWay: readonly UnderWay[], peer: Peer, writing: Deadline): Promise<boolean> {
    const outcomes = await Promise.all(underWay.map(({ outcome }) => outcome))
    const failed = outcomes.findIndex(({ kind }) => kind !== 'accepted')
    const taken = failed === -1 ? underWay : underWay.slice(0, failed)
    const acks = taken.flatMap(({ message }) => (message.chunk === undefined ? [] : [encodeAck(message.chunk)]))
    const isWritten = acks.length === 0 || (await this.#write(peer.socket, Buffer.concat(acks), writing))
    const outcome = outcomes[failed]
    if (outcome !== undefined && outcome.kind !== 'accepted') this.#trouble(peer, `${outcome.kind}: ${outcome.reason}`)
    return isWritten && failed === -1
  }

  async #write(socket: Socket, bytes: Uint8Array, writing: Deadline): Promise<boolean> {
    writing.start()
    const isWritten = await written(socket, bytes)
    writing.clear()
    return isWritten
  }

  #trouble(peer: Peer, text: string): void {
    this.#options.onTrouble?.(`connection ${peer.id} closed: ${text}`)
  }
}

interface UnderWay {
  readonly message: ForwardMessage
  readonly outcome: Promise<Outcome>
}

function written(socket: Socket, bytes: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    if (socket.destroyed) return resolve(false)
    socket.write(bytes, (error) => resolve(!error))
  })
}

/** Tells when something takes too long: from the first `start` on until `clear`. */
class Deadline {
  readonly #clock: Clock
  readonly #durationMs: number
  readonly #onLate: () => void
  #waiting: AbortController | undefined

  constructor(clock: Clock, durationMs: number, onLate: () => void) {
    this.#clock = clock
    this.#durationMs = durationMs
    this.#onLate = onLate
  }

  start(): void {
    if (this.#waiting !== undefined) return
    const waiting = new AbortController()
    this.#waiting = waiting
    this.#clock.sleep(this.#durationMs, waiting.signal).then(this.#onLate, () => undefined)
  }

  clear(): void {
    this.#waiting?.abort()
    this.#waiting = undefined
  }
}
