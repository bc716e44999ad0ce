import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { runProgram } from '../program.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-forecast-'))
  mkdirSync(join(folder, 'web'))
  writeFileSync(join(folder, 'web/index.html'), 'x'.repeat(1_500))
  writeFileSync(join(folder, 'web/old.bak'), 'x')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

interface Answer {
  readonly output: string
  readonly errors: string
  readonly code: number
}

async function run(
  words: readonly string[],
  { signal = new AbortController().signal, onProgress }: { signal?: AbortSignal; onProgress?: () => void } = {},
): Promise<Answer> {
  let [output, errors, code] = ['', '', 0]
  await runProgram(['rules', ...words], {
    terminal: {
      isColoured: false,
      isInteractive: onProgress !== undefined,
      columns: 120,
      write: (text) => void (output += text),
      writeError: (text) => {
        errors += text
        if (text.includes('Looking')) onProgress?.()
      },
    },
    environment: {},
    folder,
    signal,
    setExitCode: (value) => void (code = value),
  })
  return { output, errors, code }
}

const entries = () => [
  { name: 'web', destinationPath: join(folder, 'web'), pathType: 'Folder' },
  { name: 'none', destinationPath: join(folder, 'nowhere/*') },
]

function writeSettings(settings: unknown): void {
  writeFileSync(join(folder, 'rule.json'), JSON.stringify(settings))
}

test('extensionSettings alone are forecast: totals, times and warnings first, then each entry', async () => {
  writeSettings({ fileSettings: { fileInfo: entries(), exclude: ['*.bak'], budget: { cpuPercent: 100 } } })
  const { output, errors, code } = await run(['forecast', 'rule.json'])
  expect({ errors, code }).toEqual({ errors: '', code: 0 })
  const [tracked, first, later, warning, ...table] = output.replaceAll(folder, '').split('\n')
  expect(tracked).toBe('rule would track 1 file, 0 folders, 0 links on this machine, with 1.50 kB.')
  expect(first).toMatch(/^First look: reads 1 file with 1\.50 kB, (about|less than) .*s\.$/)
  expect(later).toMatch(/^Later looks, where nothing changed: (about|less than) .*s, and a little for comparing\.$/)
  expect(warning).toBe('warning: entry "none": nothing here matches /nowhere/*')
  expect(table).toEqual([
    '',
    'ENTRY                FILES  FOLDERS  LINKS  OTHERS    BYTES  READ  BYTES READ  PATTERN',
    'web                      1        0      0       0  1.50 kB     1     1.50 kB  /web',
    'none                     0        0      0       0      0 B     0         0 B  /nowhere/*',
    'all, each path once      1        0      0       0  1.50 kB     1     1.50 kB',
    '',
    'Largest files',
    '  1.50 kB  /web/index.html',
    '',
    'Excluded (a folder counts once, with all that is in it)',
    '  1 path by *.bak',
    '',
  ])
})

test('--json prints one document with everything', async () => {
  writeSettings({ fileSettings: { fileInfo: entries() } })
  const { output } = await run(['forecast', 'rule.json', '--json'])
  expect(output.trimEnd().split('\n')).toHaveLength(1)
  expect(JSON.parse(output)).toMatchObject({
    name: 'rule',
    entries: [
      { name: 'web', enabled: true, tally: { files: 2, bytes: 1_501, read: { files: 2, bytes: 1_501 } } },
      { name: 'none', tally: { files: 0 } },
    ],
    all: { files: 2, largest: [{ path: join(folder, 'web/index.html'), bytes: 1_500 }, { bytes: 1 }] },
    excluded: [],
    blind: { paths: 0, first: [] },
    rates: { secondsPerPath: expect.any(Number), bytesHashedPerSecond: expect.any(Number) },
    baseline: { busySeconds: expect.any(Number), seconds: expect.any(Number) },
    rescan: { busySeconds: expect.any(Number), seconds: expect.any(Number) },
    warnings: [{ code: 'matches-nothing', entry: 'none' }],
  })
})

test('a rule that tracks no files says so', async () => {
  writeSettings({ enableFiles: false, fileSettings: { fileInfo: entries() } })
  const { output } = await run(['forecast', 'rule.json'])
  expect(output).toContain('rule would track 0 files')
  expect(output).toContain('warning: the rule tracks no files: enableFiles is false\n')
  expect(output).toContain('web (disabled)')
  expect(output).not.toContain('nothing here matches')
})

test.each([
  { name: 'no such file', text: undefined, says: 'rule.json cannot be read' },
  {
    name: 'mistakes',
    text: '{"fileSettings":{"fileInfo":[{"name":"x","destinationPath":"etc"}]}}',
    says: 'destinationPath',
  },
])('$name: wrong words, code 2', async ({ text, says }) => {
  if (text !== undefined) writeFileSync(join(folder, 'rule.json'), text)
  const { errors, code } = await run(['forecast', 'rule.json'])
  expect(code).toBe(2)
  expect(errors).toContain(says)
})

test('a terminal shows progress, and Ctrl-C ends it with code 3', async () => {
  writeSettings({ fileSettings: { fileInfo: [{ name: 'all', destinationPath: '/', pathType: 'Folder', type: '*' }] } })
  const stop = new AbortController()
  const onProgress = (): void => stop.abort(new Error('stopped'))
  const { output, errors, code } = await run(['forecast', 'rule.json'], { signal: stop.signal, onProgress })
  expect({ output, code }).toEqual({ output: '', code: 3 })
  expect(errors).toMatch(/Looking: [\d,]+ paths?, /)
  expect(errors).toMatch(/stopped; nothing was changed\n$/)
})

/** A server that stores every rule, and the paths that it was asked for. */
async function storingServer(): Promise<{ readonly url: string; readonly asked: string[] } & AsyncDisposable> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url?.split('?')[0]?.split('/').at(-1)}`)
    request.resume().on('end', () => response.setHeader('content-type', 'application/json').end('{"id":"/rules/r"}'))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function writeRule(): void {
  const extension = {
    name: 'CTDataSource-Linux',
    extensionName: 'ChangeTracking-Linux',
    streams: ['Microsoft-ConfigurationChangeV2'],
    extensionSettings: { fileSettings: { fileInfo: entries() } },
  }
  writeSettings({ name: 'web', properties: { dataSources: { extensions: [extension] } } })
  writeFileSync(join(folder, 'token'), 'token')
}

test('rules apply says first, on standard error, what the rule will track; --no-forecast does not', async () => {
  writeRule()
  await using server = await storingServer()
  const words = ['apply', 'rule.json', '--server', server.url, '--token-file', join(folder, 'token')]
  const told = await run(words)
  expect(told.errors).toMatch(
    /^web would track 2 files, .*\nFirst look: .*\nLater looks.*\nwarning: entry "none": .*\n$/,
  )
  expect(told.output).toContain('web is stored')
  const silent = await run([...words, '--no-forecast'])
  expect(silent).toEqual({ ...told, errors: '' })
  expect(server.asked).toEqual(['PUT web', 'PUT web'])
})

test('rules apply that is stopped while it looks stores nothing', async () => {
  writeRule()
  await using server = await storingServer()
  const words = ['apply', 'rule.json', '--server', server.url, '--token-file', join(folder, 'token')]
  const { errors, code } = await run(words, { signal: AbortSignal.abort(new Error('stopped')) })
  expect(code).toBe(3)
  expect(errors).toContain('stopped; nothing was changed')
  expect(server.asked).toEqual([])
})
