// Goal: `tidemark diff` from the rows of a real server to what a person reads, with every exit code.
import { createHash, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zstdCompressSync } from 'node:zlib'

import { systemClock } from '@tidemark/base'
import { contentLink, contentRows, type RegisterMachineAnswer } from '@tidemark/model'
import { openServer, type Server, serverSettings } from '@tidemark/server'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { readTextIfThere } from '../host/files.ts'
import { runProgram } from '../program.ts'

const first = 'Port 22\npassword=first\nend\n'
const second = 'Port\t2222\npassword=second\nend\n'
const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')
const folder = mkdtempSync(join(tmpdir(), 'tidemark-diff-'))
let server: Server

beforeAll(async () => {
  server = await openServer(serverSettings.parse({ stateFolder: folder, port: 0 }), {
    clock: systemClock,
    log: pino({ level: 'silent' }),
    signal: new AbortController().signal,
  })
  const machine = await asking<RegisterMachineAnswer>('/api/machines', tokenIn(server.adminTokenFile), {
    computer: 'web-1',
    sourceComputerId: randomUUID(),
  })
  const place = `/locations/${machine.region}${machine.resourceId}/agentConfigurations?platform=linux&api-version=2022-06-02`
  interface Rules {
    configurations: { content: { channels: { tokenEndpointUri: string }[] } }[]
  }
  const rules = await asking<Rules>(place, machine.token)
  const tokenUrl = rules.configurations[0]!.content.channels[0]!.tokenEndpointUri
  const { ingestionAuthToken } = await asking<{ ingestionAuthToken: string }>(tokenUrl, machine.token)
  const contents = [first, second, '\0binary'].flatMap((text) =>
    contentRows(hashOf(text), zstdCompressSync(Buffer.from(text)), { contentSize: text.length }),
  )
  const row = (path: string, hoursAgo: number, text: string | undefined, more = {}) => ({
    ConfigChangeType: 'Files',
    ChangeCategory: 'Modified',
    Computer: 'web-1',
    FileSystemPath: path,
    FileContentChecksum: text === undefined ? 'x' : hashOf(text),
    TimeGenerated: new Date(Date.now() - hoursAgo * 3_600_000).toISOString(),
    ...(text === undefined ? {} : { FileContentBlobLink: contentLink(hashOf(text)) }),
    ...more,
  })
  const changes = [
    row('/etc/edited', 5, first, { ChangeCategory: 'Added' }),
    row('/etc/edited', 3, second),
    row('/etc/edited', 1, second, { FieldsChanged: 'FileMode' }),
    row('/etc/removed', 4, first),
    row('/etc/removed', 2, undefined, { ChangeCategory: 'Removed' }),
    row('/etc/secret', 4, first),
    row('/etc/secret', 2, undefined),
    row('/etc/image', 4, first),
    row('/etc/image', 2, '\0binary'),
    row('/etc/on-its-way', 4, first),
    row('/etc/on-its-way', 2, 'never uploaded'),
  ]
  const url = `/ods/${server.workspaceId}/OperationalData.svc/PostJsonDataItems?api-version=2016-04-01`
  await asking(url, ingestionAuthToken, { DataType: 'CONFIG_CHANGE_BLOB_V2', DataItems: [...contents, ...changes] })
})
afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

const tokenIn = (path: string): string => readTextIfThere(path)?.trim() ?? ''

async function asking<T>(path: string, token: string, body?: object): Promise<T> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'x-request-id': randomUUID() }
  const sent = body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) }
  const answer = await fetch(path.startsWith('http') ? path : `${server.url}${path}`, sent)
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`)
  return JSON.parse(text === '' ? 'null' : text) as T
}

async function diff(
  words: readonly string[],
  { isColoured = false, columns = 60, tokenFile = server.adminTokenFile } = {},
) {
  const said = { output: '', errors: '', code: 0 }
  await runProgram(['diff', ...words, '--server', server.url, '--token-file', tokenFile, '--machine', 'WEB-1'], {
    terminal: {
      isColoured,
      isInteractive: false,
      columns,
      write: (text) => void (said.output += text),
      writeError: (text) => void (said.errors += text),
    },
    environment: {},
    folder: '/etc',
    signal: new AbortController().signal,
    setExitCode: (code) => void (said.code = code),
  })
  return said
}

test('the version before against the latest, as diff -u prints it, with secrets hidden', async () => {
  const { output, errors, code } = await diff(['/etc/edited'])
  const lines = output.split('\n')
  expect(code).toBe(1)
  expect(lines.slice(0, 2)).toEqual([
    expect.stringMatching(/^--- \/etc\/edited\t\d{4}-/),
    expect.stringMatching(/^\+\+\+ \/etc\/edited\t\d{4}-/),
  ])
  expect(lines.slice(2)).toEqual([
    '@@ -1,3 +1,3 @@',
    '-Port 22',
    expect.stringMatching(/^-password=\[redacted [0-9a-f]{4}\]$/),
    '+Port\t2222',
    expect.stringMatching(/^\+password=\[redacted [0-9a-f]{4}\]$/),
    ' end',
    '',
  ])
  expect(errors).toContain('2 likely secrets are hidden')
})

test('with secrets for who may see them, and in colours on a terminal', async () => {
  expect((await diff(['edited', '--unredacted'])).output).toContain('+password=second\n')
  expect((await diff(['edited', '--unredacted'], { isColoured: true })).output).toContain('\u001b[32m+password=second')
  const refused = await diff(['edited'], { tokenFile: server.readerTokenFile })
  expect([refused.code, refused.output]).toEqual([3, ''])
  expect(refused.errors).toContain('lacks the right content:read')
})

test('beside each other within the width of the terminal', async () => {
  const { output } = await diff(['edited', '--unredacted', '--side-by-side'], { columns: 63 })
  expect(output.split('\n').slice(1)).toEqual([
    '@@ -1,3 +1,3 @@',
    `${'Port 22'.padEnd(30)} | Port    2222`,
    `${'password=first'.padEnd(30)} | password=second`,
    `${'end'.padEnd(30)}   end`,
    '',
  ])
  const narrow = await diff(['edited', '--side-by-side'], { columns: 45 })
  for (const line of narrow.output.split('\n')) expect(line.length).toBeLessThanOrEqual(45)
})

test('between moments, and as JSON', async () => {
  expect(await diff(['edited', '--from', '2h', '--to', '30m'])).toMatchObject({ code: 0, output: '' })
  expect((await diff(['edited', '--from', '4h', '--to', '2h'])).code).toBe(1)
  const { output, code } = await diff(['edited', '--json'])
  const document: unknown = JSON.parse(output)
  expect([code, document]).toMatchObject([
    1,
    {
      file: '/etc/edited',
      machine: 'WEB-1',
      from: { isThere: true, content: { hash: hashOf(first), isTruncated: false } },
      to: { isThere: true, content: { hash: hashOf(second), redactionCount: 1 } },
      hunks: [{ fromStart: 1, toLines: 3 }],
    },
  ])
})

test('a file that is gone is told line by line, and one that is no text only as different', async () => {
  const { output, code } = await diff(['removed'])
  expect([code, output]).toEqual([1, expect.stringMatching(/\+\+\+ \/dev\/null\t.*\n@@ -1,3 \+0,0 @@\n-Port 22\n/)])
  expect(await diff(['image'])).toMatchObject({
    code: 1,
    output: expect.stringMatching(/^Binary files differ/) as string,
  })
})

test.each([
  [['secret'], 3, /was not kept.\n.*"uploadContent": true/],
  [['on-its-way'], 3, /still on its way/],
  [['nowhere'], 3, /nothing is known of \/etc\/nowhere on WEB-1/],
  [['edited', '--to', '9h'], 3, /at that time; it was first reported/],
  [['edited', '--from', 'noon'], 2, /is no moment/],
  [['edited', '--sideways'], 2, /unknown option/],
  [[], 2, /missing required argument/],
])('%j ends with %d and says why', async (words, code, message) => {
  const said = await diff(words)
  expect([said.code, said.output]).toEqual([code, ''])
  expect(said.errors).toMatch(message)
})

test('a server is not started with a place for contents that is none', async () => {
  const said = { errors: '', code: 0 }
  await runProgram(
    ['server', '--state', join(folder, 'other'), '--contents', 'nowhere', '--log-file', join(folder, 'log')],
    {
      terminal: {
        isColoured: false,
        isInteractive: false,
        columns: 80,
        write: () => {},
        writeError: (text) => void (said.errors += text),
      },
      environment: {},
      folder: '/',
      signal: new AbortController().signal,
      setExitCode: (code) => void (said.code = code),
    },
  )
  expect(said).toEqual({ code: 2, errors: expect.stringContaining('"nowhere" is no place for contents') as string })
})
