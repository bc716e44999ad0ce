// Goal: who lacks a right sees nothing, and who has it sees what is kept. Method: fastify without a socket, real tokens.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zstdCompressSync } from 'node:zlib'

import { ManualClock } from '@tidemark/base/testing'
import type { ContentDiff, ContentText } from '@tidemark/model'
import { fastify, type FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { People } from '../access/people.ts'
import { SqliteMetadata } from '../metadata/sqlite-metadata.ts'
import { contentRoutes } from './routes.ts'

const [one, two, binary, large] = ['1', '2', '3', '4'].map((digit) => digit.repeat(64)) as [
  string,
  string,
  string,
  string,
]
const contents = new Map<string, Buffer>([
  [one, Buffer.from('user=me\npassword=first\nend\n')],
  [two, Buffer.from('user=me\npassword=second\nend\nmore\n')],
  [binary, Buffer.from([0x7f, 0, 1, 2])],
  [large, Buffer.from('line of a large file\n'.repeat(40_000))],
])

let folder = ''
let metadata: SqliteMetadata
let app: FastifyInstance
let openCount = 0
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-content-routes-'))
  metadata = new SqliteMetadata(join(folder, 'metadata.db'))
  const people = new People({ admin: 'all', reader: 'looking' }, metadata, new ManualClock())
  app = fastify()
  people.routes(app)
  const find = async (workspaceId: string, hash: string) => {
    const whole = workspaceId === 'w' ? contents.get(hash) : undefined
    if (whole === undefined) return undefined
    openCount += 1
    const frame = (async function* () {
      try {
        yield zstdCompressSync(whole)
      } finally {
        openCount -= 1
      }
    })()
    return { facts: { hash, size: whole.length }, frame }
  }
  contentRoutes(app, { room: { find }, people, workspaceId: 'w', redactionKey: Buffer.alloc(32, 1) })
})
afterAll(async () => {
  await app.close()
  await metadata[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

const get = async (url: string, headers: Record<string, string> = { authorization: 'Bearer all' }) =>
  await app.inject({ method: 'GET', url, headers })

describe('the rights', () => {
  const urls = [`/v1/contents/${one}`, `/v1/contents/${one}/text`, `/v1/contents/diff?from=${one}&to=${two}`]
  test.each(urls.flatMap((url) => [url, `${url}${url.includes('?') ? '&' : '?'}unredacted=1`]))(
    'of %s',
    async (url) => {
      const signedIn = await app.inject({ method: 'POST', url: '/api/session', payload: { token: 'looking' } })
      const cookie = String(signedIn.headers['set-cookie']).split(';')[0] ?? ''
      expect((await get(url, {})).statusCode).toBe(401)
      expect((await get(url, { authorization: 'Bearer other' })).statusCode).toBe(401)
      for (const headers of [new Map([['authorization', 'Bearer looking']]), new Map([['cookie', cookie]])]) {
        const answer = await get(url, Object.fromEntries(headers))
        expect([answer.statusCode, answer.json<{ error: { message: string } }>().error.message]).toEqual([
          403,
          expect.stringContaining('lacks the right content:read'),
        ])
      }
      expect((await get(url)).statusCode).toBe(200)
    },
  )
})

test('bytes come as they are, as a file that no browser shows', async () => {
  const answer = await get(`/v1/contents/${one}`)
  expect(answer.rawPayload.equals(contents.get(one)!)).toBe(true)
  expect(answer.headers).toMatchObject({
    etag: `"${one}"`,
    'content-type': 'application/octet-stream',
    'content-disposition': 'attachment',
    'x-content-type-options': 'nosniff',
    'cache-control': 'private, no-cache',
  })
  const again = await get(`/v1/contents/${one}`, { authorization: 'Bearer all', 'if-none-match': `"${one}"` })
  expect([again.statusCode, again.body]).toEqual([304, ''])
  expect(openCount).toBe(0)
})

test('text comes without its secrets unless it is asked for with them', async () => {
  const shown = (await get(`/v1/contents/${one}/text`)).json<ContentText>()
  expect(shown).toMatchObject({
    hash: one,
    size: 27,
    isText: true,
    encoding: 'utf-8',
    isTruncated: false,
    redactionCount: 1,
  })
  expect(shown.text).toMatch(/^user=me\npassword=\[redacted [0-9a-f]{4}\]\nend\n$/)
  const whole = (await get(`/v1/contents/${one}/text?unredacted=1`)).json<ContentText>()
  expect([whole.text, whole.redactionCount]).toEqual([contents.get(one)!.toString(), 0])
  expect((await get(`/v1/contents/${binary}/text`)).json()).toMatchObject({
    isText: false,
    text: '',
    encoding: 'binary',
  })
  const cut = (await get(`/v1/contents/${large}/text`)).json<ContentText>()
  expect([cut.isTruncated, cut.size, cut.text.endsWith('file\n')]).toEqual([true, 840_000, true])
})

test('a difference shows that a secret changed, and not what it is', async () => {
  const diff = (await get(`/v1/contents/diff?from=${one}&to=${two}`)).json<ContentDiff>()
  expect([diff.from, diff.to]).toMatchObject([
    { hash: one, redactionCount: 1 },
    { hash: two, redactionCount: 1 },
  ])
  expect(diff.from).not.toHaveProperty('text')
  expect(diff.hunks).toEqual([
    {
      fromStart: 1,
      fromLines: 3,
      toStart: 1,
      toLines: 4,
      lines: [
        ' user=me',
        expect.stringMatching(/^-password=\[redacted [0-9a-f]{4}\]$/),
        expect.stringMatching(/^\+password=\[redacted [0-9a-f]{4}\]$/),
        ' end',
        '+more',
      ],
    },
  ])
  expect(diff.hunks[0]?.lines[1]?.slice(1)).not.toBe(diff.hunks[0]?.lines[2]?.slice(1))
  const open = (await get(`/v1/contents/diff?from=${one}&to=${two}&unredacted=1`)).json<ContentDiff>()
  expect(open.hunks[0]?.lines).toContain('+password=second')
  expect((await get(`/v1/contents/diff?from=${one}&to=${binary}`)).json()).toMatchObject({ hunks: [] })
})

test.each([
  [`/v1/contents/${'9'.repeat(64)}`, 404],
  [`/v1/contents/${'9'.repeat(64)}/text`, 404],
  ['/v1/contents/..%2f..%2fadmin.token', 404],
  [`/v1/contents/diff?from=${one}`, 400],
  [`/v1/contents/diff?from=${one}&to=x`, 400],
  [`/v1/contents/diff?from=${one}&from=${two}&to=${two}`, 400],
  [`/v1/contents/diff?from=${one}&to=${'9'.repeat(64)}`, 404],
])('%s is answered %d with an error', async (url, status) => {
  const answer = await get(url)
  expect([answer.statusCode, typeof answer.json<{ error: { code: string } }>().error.code]).toEqual([status, 'string'])
})
