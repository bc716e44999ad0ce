import { createServer, type Server, type Socket } from 'node:net'

import type { Clock, Outcome } from '@tidemark/base'

import { ForwardDecoder } from './decoder.ts'
import { encodeAck } from './encoder.ts'
import { ForwardError } from './error.ts'
import { makeSocketFileReachable, removeStaleSocketFile } from './host/socket-file.ts'
import { isFileAddress } from './address.ts'
import { type ForwardLimits, forwardLimits } from './limits.ts'
import type { ForwardEvent, ForwardMessage } from './message.ts'

/** One connection, as a handler sees it. */
export interface Peer {
  /** Counts from 1 for each server. */
  readonly id: number
  readonly socket: Socket
}

/** What a Forward server is for. Called for one event of a connection after the other, never two at a time. */
export interface ForwardHandler {
  /** `accepted` writes the ack that was asked for; anything else closes the connection, so that the sender resends. */
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
  readonly #open = new Map<Socket, Promise<void>>()
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
    const served = this.#serve(peer)
      .catch((error: unknown) => this.#trouble(peer, error instanceof Error ? error.message : String(error)))
      .finally(() => {
        socket.destroy()
        this.#open.delete(socket)
      })
    this.#open.set(socket, served)
  }

  /** Ends every connection after the handler in progress; safe to call twice. */
  async end(): Promise<void> {
    this.#isEnding = true
    const served = [...this.#open.values()]
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
  async #serve(peer: Peer): Promise<void> {
    const decoder = new ForwardDecoder(this.#limits)
    const timer = new FrameTimer(this.#options.clock, this.#limits.frameMsMax, () => {
      this.#trouble(peer, `a frame was not complete after ${this.#limits.frameMsMax} ms`)
      peer.socket.destroy()
    })
    try {
      for await (const bytes of peer.socket as AsyncIterable<Uint8Array>) {
        timer.clear()
        for (const event of decoder.push(bytes)) {
          if (!(await this.#handle(event, peer))) return
        }
        if (decoder.isInsideFrame) timer.start()
      }
    } catch (error) {
      if (!peer.socket.destroyed) throw error
    } finally {
      timer.clear()
    }
  }

  /** False when the connection has to be closed. */
  async #handle(event: ForwardEvent, peer: Peer): Promise<boolean> {
    switch (event.kind) {
      case 'heartbeat':
        return true
      case 'malformed':
        this.#trouble(peer, `byte ${event.offset}: ${event.reason}`)
        return false
      case 'request':
        return await written(peer.socket, Buffer.from(await this.#options.handler.onRequest(event.text, peer)))
      case 'message':
        return await this.#onMessage(event.message, peer)
    }
  }

  async #onMessage(message: ForwardMessage, peer: Peer): Promise<boolean> {
    const outcome = await this.#options.handler.onMessage(message, peer)
    if (outcome.kind !== 'accepted') {
      this.#trouble(peer, `${outcome.kind}: ${outcome.reason}`)
      return false
    }
    return message.chunk === undefined || (await written(peer.socket, encodeAck(message.chunk)))
  }

  #trouble(peer: Peer, text: string): void {
    this.#options.onTrouble?.(`connection ${peer.id} closed: ${text}`)
  }
}

function written(socket: Socket, bytes: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    if (socket.destroyed) return resolve(false)
    socket.write(bytes, (error) => resolve(!error))
  })
}

/** Ends a connection whose frame does not get complete; one deadline for each begun frame, renewed by progress. */
class FrameTimer {
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
    const waiting = new AbortController()
    this.#waiting = waiting
    this.#clock.sleep(this.#durationMs, waiting.signal).then(this.#onLate, () => undefined)
  }

  clear(): void {
    this.#waiting?.abort()
    this.#waiting = undefined
  }
}
