// Goal: contents in a container of Azure Blob Storage. Method: a small server that speaks as much of its protocol as is used,
// and makes each signature again (Shared Key, docs: "Authorize with Shared Key"). Azurite would be the better judge, but it is
// 270 packages of 150 MB for this one test; the same suite was run against it (azurite 3.35) when this was written.
import { createHmac } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { StoreUnavailable } from '../../ports.ts'
import { AzureStore } from './azure-store.ts'
import { describeContentStore } from './content-store.contract.ts'
import type { AzurePlace } from './place.ts'

const account = 'tidemarktest'
const key = Buffer.from('a key of the account, made up').toString('base64')
const hash = 'ab'.repeat(32)
const blobs = new Map<string, Buffer>()
let judge: Server
let origin = ''

beforeAll(async () => {
  judge = createServer((request, answer) => void respond(request, answer))
  await new Promise<void>((resolve) => judge.listen(0, '127.0.0.1', resolve))
  const address = judge.address()
  origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
})
afterAll(async () => {
  judge.closeAllConnections()
  await new Promise((resolve) => judge.close(resolve))
})

async function respond(request: IncomingMessage, answer: ServerResponse): Promise<void> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece as Buffer)
  const url = new URL(request.url ?? '/', origin)
  const isSas = url.searchParams.get('sig') === 'a signature that the account made'
  if (!isSas && request.headers.authorization !== `SharedKey ${account}:${signature(request, url)}`)
    return refuse(answer, 403, 'AuthenticationFailed')
  if (!url.pathname.startsWith(`/${account}/contents/`)) return refuse(answer, 404, 'ContainerNotFound')
  const blob = blobs.get(url.pathname)
  if (request.method === 'PUT') {
    if (request.headers['if-none-match'] === '*' && blob) return refuse(answer, 409, 'BlobAlreadyExists')
    blobs.set(url.pathname, Buffer.concat(pieces))
    return void answer.writeHead(201, { etag: '"1"', 'last-modified': new Date(0).toUTCString() }).end()
  }
  if (blob === undefined) return refuse(answer, 404, 'BlobNotFound')
  if (request.method === 'DELETE') {
    blobs.delete(url.pathname)
    return void answer.writeHead(202).end()
  }
  const headers = { 'content-length': blob.length, etag: '"1"', 'last-modified': new Date(0).toUTCString() }
  answer.writeHead(200, { ...headers, 'x-ms-blob-type': 'BlockBlob' }).end(request.method === 'HEAD' ? undefined : blob)
}

function refuse(answer: ServerResponse, status: number, code: string): void {
  const body = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message></Error>`
  answer.writeHead(status, { 'x-ms-error-code': code, 'content-type': 'application/xml' }).end(body)
}

function signature(request: IncomingMessage, url: URL): string {
  const { headers, method } = request
  const header = (name: string): string => String(headers[name] ?? '')
  const own = Object.keys(headers)
    .filter((name) => name.startsWith('x-ms-'))
    .sort()
    .map((name) => `${name}:${header(name).trim()}\n`)
  const parameters = [...url.searchParams].sort().map(([name, value]) => `\n${name.toLowerCase()}:${value}`)
  const length = header('content-length')
  const parts = [
    method ?? '',
    ...['content-encoding', 'content-language'].map(header),
    length === '0' ? '' : length,
    ...['content-md5', 'content-type', 'date', 'if-modified-since', 'if-match'].map(header),
    ...['if-none-match', 'if-unmodified-since', 'range'].map(header),
  ]
  const text = `${parts.join('\n')}\n${own.join('')}/${account}${url.pathname}${parameters.join('')}`
  return createHmac('sha256', Buffer.from(key, 'base64')).update(text).digest('base64')
}

const place = (more: Partial<AzurePlace> = {}): AzurePlace => ({
  kind: 'azure',
  containerUrl: `${origin}/${account}/contents`,
  prefix: 'tidemark/',
  account,
  key,
  ...more,
})

describeContentStore('a container', async () => ({
  store: new AzureStore(place()),
  reopen: async () => new AzureStore(place()),
  [Symbol.asyncDispose]: async () => {},
}))

test('a blob is named by its prefix, its folder and its hash; a shared access signature opens it, too', async () => {
  await using store = new AzureStore(place())
  await store.put(hash, Buffer.from('x'))
  expect([...blobs.keys()]).toContain(`/${account}/contents/tidemark/ab/${hash}.zst`)
  const { account: _account, key: _key, ...open } = place()
  await using other = new AzureStore({ ...open, sas: 'sv=2024&sig=a%20signature%20that%20the%20account%20made' })
  expect(await other.has(hash)).toBe(true)
})

test.each([
  ['a wrong key', { containerName: 'contents', key: Buffer.from('wrong').toString('base64') }],
  ['a container that is not there', { containerName: 'elsewhere', key }],
])('%s is an error that passes, and no missing content', async (_what, { containerName, ...more }) => {
  await using store = new AzureStore(place({ ...more, containerUrl: `${origin}/${account}/${containerName}` }))
  await expect(store.put(hash, Buffer.from('x'))).rejects.toThrow(StoreUnavailable)
  await expect(store.get(hash)).rejects.toThrow(StoreUnavailable)
  await expect(store.has(hash)).rejects.toThrow(StoreUnavailable)
})
