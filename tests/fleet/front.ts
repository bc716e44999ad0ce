import { constants } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { createServer, type Server } from 'node:tls'

import type { CertifiedKey } from '@tidemark/server/testing'

/**
 * What stands before a server in many places: it ends TLS, asks machines for certificates of their own, and passes on
 * what comes. Its certificate can be changed, and it can break off an upload in the middle.
 */
export class Front implements AsyncDisposable {
  readonly #server: Server
  readonly #authority: string
  readonly #sockets = new Set<Socket>()
  #bytesUntilCut = Number.POSITIVE_INFINITY
  /** Connections that were broken off in the middle. */
  cuts = 0
  /** Why machines were not let in. */
  readonly refusals: string[] = []

  private constructor(server: Server, authority: string) {
    this.#server = server
    this.#authority = authority
  }

  static async open(options: {
    readonly address: string
    readonly port: number
    readonly serverPort: number
    readonly certificate: CertifiedKey
    readonly authority: string
  }): Promise<Front> {
    const { certificate, authority, address, port, serverPort } = options
    // Without tickets each connection shows its certificate anew.
    const secureOptions = constants.SSL_OP_NO_TICKET
    const { certificate: cert, key } = certificate
    const server = createServer({
      cert,
      key,
      ca: authority,
      requestCert: true,
      rejectUnauthorized: true,
      secureOptions,
    })
    const front = new Front(server, authority)
    server.on('tlsClientError', (error) => front.refusals.push(error.message))
    server.on('secureConnection', (socket) => front.#passOn(socket, serverPort))
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, address, resolve)
    })
    return front
  }

  #passOn(socket: Socket, serverPort: number): void {
    const onward = connect(serverPort, '127.0.0.1')
    for (const each of [socket, onward]) {
      this.#sockets.add(each)
      each.on('error', () => each.destroy())
      each.once('close', () => this.#sockets.delete(each))
    }
    socket.once('close', () => onward.destroy())
    onward.once('close', () => socket.destroy())
    onward.pipe(socket)
    socket.on('data', (bytes: Buffer) => {
      if (bytes.length <= this.#bytesUntilCut) {
        this.#bytesUntilCut -= bytes.length
        onward.write(bytes)
        return
      }
      onward.write(bytes.subarray(0, this.#bytesUntilCut))
      this.#bytesUntilCut = Number.POSITIVE_INFINITY
      this.cuts += 1
      socket.resetAndDestroy()
    })
  }

  /** The connection over which the byte after so many more comes is broken off there. */
  cutAfter(bytes: number): void {
    this.#bytesUntilCut = bytes
  }

  /** Shows another certificate from now on; who is connected has to come again. */
  show({ certificate: cert, key }: CertifiedKey): void {
    this.#server.setSecureContext({ cert, key, ca: this.#authority, secureOptions: constants.SSL_OP_NO_TICKET })
    this.disconnectAll()
  }

  disconnectAll(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.disconnectAll()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
