import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zstdDecompressSync } from 'node:zlib'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { runProgram } from '../program.ts'

let folder = ''
const tree = (name: string): string => join(folder, 'tree', name)
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-scan-'))
  mkdirSync(tree(''))
  writeFileSync(tree('a.conf'), 'one\n')
  writeFileSync(tree('b.conf'), 'two\n')
  keepRule({})
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function keepRule(more: object): void {
  const fileInfo = [{ name: 'all', destinationPath: `${folder}/tree/*.conf`, ...more }]
  writeFileSync(join(folder, 'rule.json'), JSON.stringify({ fileSettings: { fileInfo } }))
}

interface Answer {
  readonly output: string
  readonly errors: string
  readonly code: number
}

async function scan(
  words: readonly string[] = [],
  { rule = 'rule.json', state = 'files.db', signal = new AbortController().signal } = {},
): Promise<Answer> {
  let [output, errors, code] = ['', '', 0]
  await runProgram(['scan', '--rule', rule, '--state', state, ...words], {
    terminal: {
      isColoured: false,
      isInteractive: false,
      columns: 120,
      write: (text) => void (output += text),
      writeError: (text) => void (errors += text),
    },
    environment: {},
    folder,
    signal,
    setExitCode: (value) => void (code = value),
  })
  return { output, errors, code }
}

test('the first scan tells what is tracked, later ones what changed: codes 0, 0, 1, 0', async () => {
  const first = await scan()
  expect([first.output, first.code]).toEqual(['', 0])
  expect(first.errors).toMatch(
    /^First scan: 2 paths tracked from now on; 2 files and 0 folders in .* 2 read \(8 B\)\.\n$/,
  )
  const second = await scan()
  expect([second.output, second.code]).toEqual(['', 0])
  expect(second.errors).toMatch(/^Nothing changed; 2 files/)
  writeFileSync(tree('a.conf'), 'three\n')
  renameSync(tree('b.conf'), tree('c.conf'))
  writeFileSync(tree('new.conf'), '')
  const third = await scan()
  expect(third.output.trimEnd().split('\n').sort()).toEqual([
    `Added    ${tree('new.conf')}`,
    expect.stringMatching(/^Modified .*\/a\.conf {2}FileContentChecksum, Size, /),
    expect.stringMatching(/^Modified .*\/c\.conf {2}was .*\/b\.conf: FileSystemPath, Name/),
  ])
  expect(third.errors).toMatch(/^1 added, 0 removed, 2 modified; 3 files/)
  expect(third.code).toBe(1)
  expect((await scan()).code).toBe(0)
})

test('--json prints rows with the columns of the tables, --content keeps the bytes', async () => {
  keepRule({ uploadContent: true })
  await scan(['--json', '--content', 'contents'])
  writeFileSync(tree('a.conf'), 'three\n')
  const { output, errors, code } = await scan(['--json', '--content', 'contents'])
  const rows: Record<string, unknown>[] = output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(rows).toHaveLength(1)
  expect(rows[0]).toMatchObject({
    ChangeCategory: 'Modified',
    FileSystemPath: tree('a.conf'),
    Size: 6,
    PreviousSize: 4,
  })
  expect([errors, code]).toEqual(['', 1])
  const contents = readdirSync(join(folder, 'contents')).map((name) => {
    const path = join(folder, 'contents', name)
    return zstdDecompressSync(readFileSync(path)).toString()
  })
  expect(contents.sort()).toEqual(['one\n', 'three\n', 'two\n'])
})

test('--full finds what left times and size as they were', async () => {
  await scan()
  expect((await scan(['--full'])).errors).toMatch(/^Nothing changed; .* 2 read/)
})

test.each([
  {
    name: 'no entries',
    settings: { fileSettings: { fileinfo: [] } },
    why: 'fileSettings.fileInfo has no entry that is enabled',
  },
  { name: 'files off', settings: { enableFiles: false, fileSettings: {} }, why: 'enableFiles is false' },
])('a rule that asks for no files is a mistake: $name', async ({ settings, why }) => {
  writeFileSync(join(folder, 'rule.json'), JSON.stringify(settings))
  const { errors, code } = await scan()
  expect(errors).toContain(`rule.json asks for no files: ${why}`)
  expect(code).toBe(2)
})

test('a rule that matches nothing says so at each scan', async () => {
  keepRule({ destinationPath: `${folder}/nowhere/*` })
  for (const _ of [1, 2]) {
    const { errors, code } = await scan()
    expect(errors).toBe('Nothing here matches the rule.\n')
    expect(code).toBe(0)
  }
})

test('a state that is damaged is no quiet first scan', async () => {
  await scan()
  writeFileSync(join(folder, 'files.db'), 'this is no database')
  const { errors, code } = await scan()
  expect(errors).toMatch(/files\.db was damaged .* a new baseline begins\nFirst scan: 2 paths/)
  expect(code).toBe(2)
  expect((await scan()).code).toBe(0)
})

test.runIf(process.geteuid?.() !== 0)(
  'what may not be read is told at each scan, for the code is 2 each time',
  async () => {
    chmodSync(tree('a.conf'), 0)
    for (const words of [[], [], ['--json'], ['--json']]) {
      const { errors, code } = await scan(words)
      expect(errors).toContain(`${tree('a.conf')} cannot be looked at: this account may not read it`)
      expect(code).toBe(2)
    }
  },
)

test.each([
  {
    name: 'a rule that is not there',
    options: { rule: 'no.json' },
    said: 'the rule no.json cannot be read: there is no such file',
  },
  { name: 'a folder for a rule', options: { rule: '.' }, said: 'the rule . cannot be read: it is a folder' },
  {
    name: 'a folder for a state',
    options: { state: 'tree' },
    said: 'tree is a folder; with --rule, --state is the file',
  },
])('$name is trouble, and told: code 2', async ({ options, said }) => {
  const { output, errors, code } = await scan([], options)
  expect(errors).toContain(said)
  expect([output, code]).toEqual(['', 2])
})

test.each([['--no-wait'], ['--root', '/']])('%s is for change tracking that runs: code 2', async (...words) => {
  const { errors, code } = await scan(words)
  expect(errors).toContain('--no-wait and --root do not go with --rule')
  expect(code).toBe(2)
})

test('a scan that is stopped says that nothing is lost: code 2', async () => {
  const { errors, code } = await scan([], { signal: AbortSignal.abort(new Error('stopped')) })
  expect(errors).toContain('stopped; what was found until then is kept, the next scan goes on')
  expect(code).toBe(2)
  expect((await scan()).code).toBe(0)
})
