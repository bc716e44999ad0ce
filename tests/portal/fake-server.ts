import { existsSync, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { completeKql, formatKql, hoverKql, signatureKql } from '@tidemark/kql'
import { type MachineGroupView, type MachineView, tables } from '@tidemark/model'

import { type FakeContents, answerContents } from './fake-contents.ts'
import type { FakeRow } from './fake-rows.ts'
import type { FakeStore } from './fake-store.ts'

/** Where the built pages are. */
export const builtPages = fileURLToPath(new URL('../../packages/portal/dist', import.meta.url))
/** The token that the fake server lets in. */
export const TOKEN = 'the-right-token'
const WORKSPACE = '11111111-2222-4333-8444-555555555555'
const POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:"
const CONTENT: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' }

const DOWNLOAD = { 'content-type': 'application/octet-stream', 'content-disposition': 'attachment' } as const

/** What the fake server answers with; a test changes it while the server runs. */
export interface FakeWorld {
  changes: FakeRow[]
  inventory: FakeRow[]
  visibility: FakeRow[]
  operations: FakeRow[]
  machines: MachineView[]
  groups: MachineGroupView[]
  /** Kept contents by their hash. */
  contents: FakeContents
  /** Status of every answer about contents; 200 is the true answer. */
  contentsFailing: number
  /** The same for whole contents alone, which hold secrets. */
  downloadsFailing: number
  /** Status of every answer of the API but sign-in; 200 is the true answer. */
  failing: number
}

/** A server that speaks the portal's HTTP and knows nothing else; queries are answered by a real store. */
export class FakeServer {
  readonly world: FakeWorld = {
    changes: [],
    inventory: [],
    visibility: [],
    operations: [],
    machines: [],
    groups: [],
    contents: new Map(),
    contentsFailing: 200,
    downloadsFailing: 200,
    failing: 200,
  }
  /** Text of every query so far, in order. */
  readonly queries: string[] = []
  readonly #store: FakeStore
  #held: Promise<void> = Promise.resolve()
  #prefix = ''
  readonly #listeners = new Set<ServerResponse>()
  readonly #sessions = new Set<string>()
  readonly #server = createServer((request, response) => void this.#answer(request, response))

  constructor(store: FakeStore) {
    this.#store = store
  }

  /** Resolves with the address, `http://127.0.0.1:port`. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    const address = this.#server.address()
    return typeof address === 'object' && address ? `http://127.0.0.1:${address.port}` : ''
  }

  /** Tells every listening page that rows arrived. */
  tellRows(count: number): void {
    const data = JSON.stringify({ table: 'ConfigurationChange', count, at: '2026-01-01T00:00:00Z' })
    for (const listener of this.#listeners) listener.write(`event: rows\ndata: ${data}\n\n`)
  }

  /** Answers no query until the function is called that comes back. */
  hold(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#held = promise
    return resolve
  }

  /** Serves all of it below a path, as a proxy would. */
  serveBelow(path: string): void {
    this.#prefix = path
  }

  /** Ends every session, as 30 days would. */
  forgetSessions(): void {
    this.#sessions.clear()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise<void>((resolve) => void this.#server.close(() => resolve()))
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = request.url?.split('?')[0] ?? '/'
    if (!asked.startsWith(this.#prefix)) return send(response, 404, problem(`the proxy has nothing at ${asked}`))
    const path = asked.slice(this.#prefix.length)
    if (!/^\/(api|v1)\//.test(path)) return sendFile(response, path)
    const body: { token?: string; query?: string; offset?: number } = JSON.parse((await readBody(request)) || '{}')
    if (path === '/api/session' && request.method === 'POST') return this.#signIn(response, body.token)
    const isIn = [...this.#sessions].some((secret) => request.headers.cookie?.includes(secret))
    const isOwn = ['GET', 'HEAD'].includes(request.method ?? '') || request.headers['x-tidemark-portal'] === '1'
    if (!isIn || !isOwn) return send(response, isIn ? 403 : 401, problem('sign in first'))
    if (this.world.failing !== 200) return send(response, this.world.failing, problem('the fake store is away'))
    if (path === '/api/live') return this.#listenTo(response)
    if (path === '/api/session') return this.#signOut(response)
    if (path === '/api/about')
      return send(response, 200, { version: '0.1.0', workspaceId: WORKSPACE, now: '2026-01-01T00:00:00Z' })
    if (path === '/api/storage') return send(response, 200, { tables: [], bytes: 0 })
    if (path === '/api/retention') return send(response, 200, { days: { ConfigurationChange: 90 } })
    if (path === '/api/machines') return send(response, 200, { machines: this.world.machines })
    if (path === '/api/groups') return send(response, 200, { groups: this.world.groups })
    if (path.startsWith('/api/query/')) return send(response, 200, languageAnswer(path, body))
    if (path.startsWith('/v1/contents/')) return this.#answerContents(response, request.url ?? '')
    if (path !== `/v1/workspaces/${WORKSPACE}/query`) return send(response, 404, problem(`nothing is at ${path}`))
    this.queries.push(body.query ?? '')
    await this.#held
    const { changes, inventory, visibility, operations } = this.world
    const answer = await this.#store.answer(body.query ?? '', {
      ConfigurationChange: changes,
      ConfigurationData: inventory,
      TidemarkVisibility: visibility,
      TidemarkOperation: operations,
    })
    send(response, answer.status, answer.body)
  }

  #answerContents(response: ServerResponse, url: string): void {
    const { contentsFailing, downloadsFailing, contents } = this.world
    if (/[0-9a-f]{64}$/.test(url) && !url.includes('?') && downloadsFailing !== 200)
      return send(response, downloadsFailing, problem('this needs the right content:read-unredacted'))
    if (contentsFailing !== 200)
      return send(response, contentsFailing, problem('the fake store keeps contents to itself'))
    const answer = answerContents(url, contents)
    if (typeof answer.body === 'string') response.writeHead(answer.status, DOWNLOAD).end(answer.body)
    else send(response, answer.status, answer.body)
  }

  #signIn(response: ServerResponse, token: string | undefined): void {
    if (token !== TOKEN) return send(response, 401, problem('this is not the token in admin.token'))
    const secret = `session-${this.#sessions.size}`
    this.#sessions.add(secret)
    response.setHeader('set-cookie', `tidemark_session=${secret}; Path=/; HttpOnly; SameSite=Strict`)
    send(response, 200, { isSignedIn: true })
  }

  #signOut(response: ServerResponse): void {
    this.#sessions.clear()
    response.writeHead(204).end()
  }

  #listenTo(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
    response.write(': hello\n\n')
    this.#listeners.add(response)
    response.once('close', () => this.#listeners.delete(response))
  }
}

/** As the server's language service answers; nothing is read from the store. */
function languageAnswer(path: string, { query = '', offset = 0 }: { query?: string; offset?: number }): unknown {
  if (path.endsWith('/complete')) return completeKql(query, offset, tables)
  if (path.endsWith('/hover')) return { text: hoverKql(query, offset, tables) ?? null }
  if (path.endsWith('/signature')) return { help: signatureKql(query, offset, tables) ?? null }
  return { query: formatKql(query, tables) }
}

function problem(message: string): unknown {
  return { error: { code: 'Fake', message } }
}

async function readBody(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function sendFile(response: ServerResponse, path: string): void {
  const file = join(builtPages, path)
  const found = extname(path) !== '' && existsSync(file) ? file : join(builtPages, 'index.html')
  response.writeHead(200, {
    'content-type': CONTENT[extname(found)] ?? 'application/octet-stream',
    'content-security-policy': POLICY,
  })
  response.end(readFileSync(found))
}
