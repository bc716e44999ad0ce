import { createHash } from 'node:crypto'
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { runProgram } from '../program.ts'

let root = ''
const put = (path: string, text: string): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}
const md5 = (text: string): string => createHash('md5').update(text).digest('hex')

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tidemark-verify-'))
  put('usr/share/one/a', 'a')
  put('etc/one.conf', 'port 1')
  put('var/lib/dpkg/info/one.list', '/.\n/etc\n/etc/one.conf\n/usr/share/one\n/usr/share/one/a\n')
  put('var/lib/dpkg/info/one.md5sums', `${md5('a')}  usr/share/one/a\n`)
  put(
    'var/lib/dpkg/status',
    `Package: one\nStatus: install ok installed\nArchitecture: all\nVersion: 1.0\nConffiles:\n /etc/one.conf ${md5('port 1')}\n\n`,
  )
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

async function verify(...words: string[]): Promise<{ output: string; errors: string; code: number }> {
  let [output, errors, code] = ['', '', 0]
  await runProgram(['verify', '--root', root, ...words], {
    terminal: {
      isColoured: false,
      isInteractive: false,
      columns: 120,
      write: (text) => void (output += text),
      writeError: (text) => void (errors += text),
    },
    environment: {},
    folder: '/',
    signal: new AbortController().signal,
    setExitCode: (value) => void (code = value),
  })
  return { output, errors, code }
}

test('all match: nothing is printed but what was done, and code 0', async () => {
  expect(await verify()).toEqual({
    output: '',
    errors:
      'Folders, links and devices have no checksum: 2 were not compared.\n4 paths of 1 package (dpkg), 7 B read: 2 matches package, 2 cannot say.\n',
    code: 0,
  })
})

test('what differs is a line each, and code 1', async () => {
  appendFileSync(join(root, 'usr/share/one/a'), 'x')
  writeFileSync(join(root, 'etc/one.conf'), 'port 2')
  const { output, code } = await verify()
  expect(output).toBe('conffile edited       /etc/one.conf  one 1.0\ndiffers from package  /usr/share/one/a  one 1.0\n')
  expect(code).toBe(1)
})

test('below a folder also what is nobody’s; that is no difference unless it was named', async () => {
  put('usr/share/one/mine', 'x')
  expect(await verify('/usr/share/one')).toMatchObject({
    output: `${'unowned'.padEnd(20)}  /usr/share/one/mine\n`,
    code: 0,
  })
  expect((await verify('/usr/share/one/mine')).code).toBe(1)
})

test('as JSON: each file, and at the end what was done', async () => {
  rmSync(join(root, 'usr/share/one/a'))
  const { output, code } = await verify('--package', 'one', '--json')
  const lines = output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines.find(({ path }) => path === '/usr/share/one/a')).toEqual({
    path: '/usr/share/one/a',
    package: 'one',
    version: '1.0',
    isConfig: false,
    kind: 'gone',
    verdict: 'differs from package',
    note: 'it is missing',
  })
  expect(lines.at(-1)).toMatchObject({ 'differs from package': 1, files: 4, packages: 1, sources: ['dpkg'], gaps: [] })
  expect(code).toBe(1)
})

test('what cannot be asked is said', async () => {
  expect(await verify('--package', 'none')).toMatchObject({
    code: 1,
    errors: expect.stringContaining('no package is called "none"'),
  })
  rmSync(join(root, 'var/lib/dpkg'), { recursive: true })
  expect(await verify()).toMatchObject({
    code: 3,
    errors: expect.stringContaining('no package manager keeps a database'),
  })
  expect((await verify('--root', '/no/such/folder')).code).toBe(2)
})

test('no link leads out of another root', async () => {
  rmSync(join(root, 'usr/share/one'), { recursive: true })
  symlinkSync('/etc', join(root, 'usr/share/one'))
  const { output } = await verify()
  expect(output).toContain('differs from package  /usr/share/one/a  one 1.0  it is missing')
})
