import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'

import { makeCertificate } from '@tidemark/server/testing'

/** What somebody asked for a token. */
export interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  /** Of the address, and of a form in the body. */
  readonly fields: Readonly<Record<string, string>>
}

/**
 * The ways in which Azure gives tokens, as far as its own library asks: the authority (OAuth, TLS) for a client's secret, and the
 * instance metadata of a virtual machine (plain HTTP on the machine). Each gives `token`.
 */
export class FakeIdentity implements AsyncDisposable {
  readonly asked: Asked[] = []
  token = ''
  /** PEM of the authority's certificate. */
  readonly ca: string
  readonly #servers: Server[]
  private constructor(ca: string, servers: Server[]) {
    this.ca = ca
    this.#servers = servers
  }

  static async start(): Promise<FakeIdentity> {
    const times = { fromMs: Date.now() - 60_000, untilMs: Date.now() + 3_600_000 }
    const authority = makeCertificate({ commonName: 'login authority', names: [], isAuthority: true, ...times })
    const issuer = { commonName: 'login authority', key: authority.privateKey }
    const own = makeCertificate({ commonName: 'login', names: ['127.0.0.1'], issuer, ...times })
    const answer = (request: IncomingMessage, response: ServerResponse): void =>
      void identity.#answer(request, response)
    const servers = [createTlsServer({ cert: own.certificate, key: own.key }, answer), createServer(answer)]
    const identity = new FakeIdentity(authority.certificate, servers)
    for (const server of servers)
      await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', () => resolve()))
    return identity
  }

  /** Of the OAuth authority. */
  get authority(): string {
    return `https://127.0.0.1:${portOf(this.#servers[0])}`
  }

  /** Of the instance metadata. */
  get metadata(): string {
    return `http://127.0.0.1:${portOf(this.#servers[1])}`
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = (await request.setEncoding('utf8').toArray()).join('')
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://here')
    const fields = { ...Object.fromEntries(searchParams), ...Object.fromEntries(new URLSearchParams(body)) }
    this.asked.push({ method: request.method ?? '', path: pathname, headers: request.headers, fields })
    const json = (document: object): void =>
      void response.setHeader('content-type', 'application/json').end(JSON.stringify(document))
    if (pathname.endsWith('/.well-known/openid-configuration')) return json(openId(this.authority, pathname))
    const seconds = 86_000
    json({
      token_type: 'Bearer',
      access_token: this.token,
      expires_in: pathname.includes('/metadata/') ? String(seconds) : seconds,
      expires_on: String(Math.floor(Date.now() / 1_000) + seconds),
      resource: fields['resource'] ?? '',
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))))
  }
}

function openId(authority: string, path: string): object {
  const tenant = path.split('/')[1] ?? ''
  return {
    issuer: `${authority}/${tenant}/v2.0`,
    authorization_endpoint: `${authority}/${tenant}/oauth2/v2.0/authorize`,
    token_endpoint: `${authority}/${tenant}/oauth2/v2.0/token`,
    jwks_uri: `${authority}/${tenant}/keys`,
  }
}

function portOf(server: Server | undefined): number {
  const address = server?.address() as AddressInfo | undefined
  return address?.port ?? 0
}
