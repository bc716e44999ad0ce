import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { MonitorClient } from '@azure/arm-monitor'
import { LogsIngestionClient } from '@azure/monitor-ingestion'
import { LogsQueryClient } from '@azure/monitor-query-logs'
import { systemClock } from '@tidemark/base'
import { openServer, type Server, serverSettings } from '@tidemark/server'
import { makeCertificate } from '@tidemark/server/testing'
import { pino } from 'pino'

export const SUBSCRIPTION = '00000000-0000-0000-0000-000000000000'
/** When the credentials say that their token ends: the server knows better. */
const LATE = 1_900_000_000_000

/** The stream of `directRule`. */
export const STREAM = 'Custom-Changes'

/** A rule whose one stream goes to ConfigurationChange of a workspace. */
export const directRule = (workspaceResourceId?: string) => ({
  location: 'local',
  kind: 'Direct',
  streamDeclarations: { [STREAM]: { columns: [{ name: 'TimeGenerated', type: 'datetime' }] } },
  destinations: { logAnalytics: [{ name: 'here', ...(workspaceResourceId ? { workspaceResourceId } : {}) }] },
  dataFlows: [
    {
      streams: [STREAM],
      destinations: ['here'],
      outputStream: 'Microsoft-ConfigurationChange',
      transformKql: 'source',
    },
    { streams: ['Custom-Changed'], destinations: ['here'], outputStream: 'Custom-Other_CL' },
  ],
})

/** A credential of the clients, with the id and the secret of its API token. */
export interface TestCredential {
  readonly id: string
  readonly token: string
  getToken(): Promise<{ token: string; expiresOnTimestamp: number }>
}

/** A server with TLS from an authority of its own, and the official clients for it. */
export class AzureClients implements AsyncDisposable {
  readonly server: Server
  /** Every line of the server's log, of every level. */
  readonly logged: readonly string[]
  readonly #folder: string
  /** PEM of the authority that the server's certificate is from. */
  readonly ca: string
  readonly #admin: string

  private constructor(server: Server, more: { logged: readonly string[]; folder: string; ca: string }) {
    this.server = server
    this.logged = more.logged
    this.#folder = more.folder
    this.ca = more.ca
    this.#admin = readFileSync(server.adminTokenFile, 'utf8').trim()
  }

  static async start(): Promise<AzureClients> {
    const folder = mkdtempSync(join(tmpdir(), 'tidemark-clients-'))
    const times = { fromMs: Date.now() - 60_000, untilMs: Date.now() + 3_600_000 }
    const authority = makeCertificate({ commonName: 'test authority', names: [], isAuthority: true, ...times })
    const issuer = { commonName: 'test authority', key: authority.privateKey }
    const own = makeCertificate({ commonName: 'server', names: ['127.0.0.1'], issuer, ...times })
    const tls = { certificate: join(folder, 'server.crt'), key: join(folder, 'server.key') }
    writeFileSync(tls.certificate, own.certificate)
    writeFileSync(tls.key, own.key, { mode: 0o600 })
    const settings = serverSettings.parse({ stateFolder: join(folder, 'state'), port: 0, tls })
    const logged: string[] = []
    const log = pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) })
    const server = await openServer(settings, { clock: systemClock, log, signal: new AbortController().signal })
    return new AzureClients(server, { logged, folder, ca: authority.certificate })
  }

  /** Asks the server's own API as the admin. */
  async api<T>(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<T> {
    const headers = {
      authorization: `Bearer ${this.#admin}`,
      ...(body ? { 'content-type': 'application/json' } : {}),
    }
    const asked = request(`${this.server.url}${path}`, { method, ca: this.ca, headers })
    asked.end(body && JSON.stringify(body))
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    const text = (await answer.setEncoding('utf8').toArray()).join('')
    if ((answer.statusCode ?? 0) >= 400) throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`)
    return JSON.parse(text === '' ? 'null' : text) as T
  }

  /** With a new API token of these scopes. */
  async credential(scopes: readonly string[], workspaces: readonly string[] = []): Promise<TestCredential> {
    const wish = { name: 'test', scopes, workspaces }
    const { id, token } = await this.api<{ id: string; token: string }>('POST', '/api/tokens', wish)
    return { id, token, getToken: async () => await Promise.resolve({ token, expiresOnTimestamp: LATE }) }
  }

  options() {
    return { tlsOptions: { ca: this.ca }, retryOptions: { maxRetries: 2, retryDelayInMs: 10 } }
  }

  async monitor(scopes: readonly string[] = ['rules']): Promise<MonitorClient> {
    const credential = await this.credential(scopes)
    return new MonitorClient(credential, SUBSCRIPTION, { ...this.options(), endpoint: this.server.url })
  }

  /** A rule for direct ingestion, and a client that may use it. */
  async ingestion(name: string, workspaceResourceId?: string) {
    const { dataCollectionRules: rules } = await this.monitor()
    const { immutableId = '' } = await rules.create('clients', name, { body: directRule(workspaceResourceId) })
    const credential = await this.credential(['ingest'])
    return { immutableId, client: new LogsIngestionClient(this.server.url, credential, this.options()) }
  }

  async queries(workspaces: readonly string[] = []): Promise<LogsQueryClient> {
    const credential = await this.credential(['read'], workspaces)
    return new LogsQueryClient(credential, { ...this.options(), endpoint: `${this.server.url}/v1` })
  }

  async rowsOf(query: string): Promise<unknown[][]> {
    const path = `/v1/workspaces/${this.server.workspaceId}/query`
    const answer = await this.api<{ tables: { rows: unknown[][] }[] }>('POST', path, { query })
    return answer.tables[0]?.rows ?? []
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
