// Goal: programs that speak as Microsoft's do are understood, over padded abstract sockets and over files. Method: a Go
// program with the codec that they use (go/main.go) asks and sends.
import { execFile, execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { systemClock } from '@tidemark/base'
import { abstractAddress, listenForward } from '@tidemark/forward'
import type { Row } from '@tidemark/model'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { answerConfigRequest } from './config-answer.ts'
import { rowsOf } from './row-check.ts'

const missing = missingTool()

function missingTool(): string | undefined {
  if (!existsSync('/usr/share/gocode/src/github.com/ugorji/go/codec'))
    return 'golang-github-ugorji-go-codec-dev is not installed'
  try {
    execFileSync('go', ['version'], { stdio: 'ignore' })
    return undefined
  } catch {
    return 'go is not installed'
  }
}

describe.skipIf(missing !== undefined)(`a Go client${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  let folder = ''
  const run = promisify(execFile)
  const client = async (...words: string[]): Promise<string> =>
    (await run(join(folder, 'client'), words, { maxBuffer: 64 * 1024 * 1024 })).stdout

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tm-go-'))
    execFileSync('go', ['build', '-o', join(folder, 'client'), join(import.meta.dirname, 'go', 'main.go')], {
      env: {
        ...process.env,
        GOPATH: '/usr/share/gocode',
        GO111MODULE: 'off',
        GOCACHE: join(tmpdir(), 'tidemark-go-cache'),
      },
    })
  }, 180_000)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const dcr = `dcr-${'a'.repeat(32)}`
  const rule = (settings: unknown) => ({
    id: dcr,
    eTag: '1',
    chunk: {
      dataSources: [],
      channels: [],
      extensionConfigurations: {
        'ChangeTracking-Linux': [
          { id: `${dcr}:CTDataSource-Linux`, originIds: ['/r'], extensionSettings: settings, outputStreams: {} },
        ],
      },
    },
  })

  const addresses = () => [
    { address: join(folder, 's'), said: join(folder, 's') },
    ...[`tidemark-go-${randomUUID()}.socket`].map((name) => ({ address: abstractAddress(name), said: `@${name}` })),
  ]

  test('asks for its configuration with one read, and sends rows, on either kind of socket', async () => {
    for (const { address, said } of addresses()) {
      const rows: Row[] = []
      await using _server = await listenForward({
        address,
        clock: systemClock,
        handler: {
          // As long as an answer gets that fits one read everywhere.
          onRequest: async (text) =>
            await Promise.resolve(answerConfigRequest(text, [rule({ filler: 'x'.repeat(100_000) })])),
          onMessage: async ({ tag, entries, chunk }) => {
            const read = rowsOf(entries)
            if (tag === 'stream' && chunk === undefined && typeof read !== 'string') rows.push(...read)
            return await Promise.resolve({ kind: 'accepted' })
          },
        },
      })
      expect(JSON.parse(await client('config', said, 'ChangeTracking-Linux'))).toMatchObject({
        success: true,
        requestId: '6f9619ff-8b86-4d01-b42d-00cf4fc964ff',
        schemaVersion: 1,
        extensionName: 'ChangeTracking-Linux',
        configurations: [{ id: `${dcr}:CTDataSource-Linux`, originIds: ['/r'] }],
      })
      expect(JSON.parse(await client('config', said, 'Nobody'))).toMatchObject({ success: false, configurations: [] })
      await client('send', said, 'stream', '5000')
      await expect.poll(() => rows.length, { timeout: 10_000 }).toBe(5_000)
      expect(rows.at(-1)).toEqual({ value: '4999', text: 'x'.repeat(4_999 % 300) })
    }
  })
})
