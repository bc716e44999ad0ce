import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { tables } from '@tidemark/model'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { runProgram } from '../program.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-local-'))
  write('image/var/lib/dpkg/status', stanza('zlib1g', '1:1.2') + stanza('acl', '2.3'))
  write('image/etc/hostname', 'in-the-image\n')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const stanza = (name: string, version: string): string =>
  `Package: ${name}\nStatus: install ok installed\nVersion: ${version}\nArchitecture: all\nMaintainer: m\nDescription: d\n\n`

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}

async function inventory(...words: string[]): Promise<{ output: string; errors: string; code: number }> {
  let [output, errors, code] = ['', '', 0]
  await runProgram(['inventory', ...words], {
    terminal: {
      isInteractive: false,
      isColoured: false,
      columns: 80,
      write: (text) => void (output += text),
      writeError: (text) => void (errors += text),
    },
    environment: {},
    folder,
    signal: new AbortController().signal,
    setExitCode: (given) => void (code = given),
  })
  return { output, errors, code }
}

const rowsOf = (output: string): Record<string, unknown>[] =>
  output
    .trim()
    .split('\n')
    .map((line): Record<string, unknown> => JSON.parse(line))

test('packages of another root are rows with the columns of the table, by name', async () => {
  const { output, errors, code } = await inventory('software', '--local', '--root', 'image', '--json')
  expect([errors, code]).toEqual(['', 0])
  const rows = rowsOf(output)
  expect(rows).toMatchObject([
    {
      Computer: 'in-the-image',
      ConfigDataType: 'Software',
      SoftwareName: 'acl',
      CurrentVersion: '2.3',
      SoftwareSource: 'dpkg',
    },
    { SoftwareName: 'zlib1g', CurrentVersion: '1:1.2', SoftwareType: 'Package' },
  ])
  const known = new Set<string>(tables.ConfigurationData.columns.map(({ name }) => name))
  expect(Object.keys(rows[0] ?? {}).filter((column) => !known.has(column))).toEqual([])
  const { output: table } = await inventory('software', '--local', '--root', 'image', '--text', 'ZLIB')
  expect(table.split('\n').map((line) => line.split(/ +/).slice(0, 5))).toEqual([
    ['MACHINE', 'NAME', 'VERSION', 'ARCH', 'SOURCE'],
    ['in-the-image', 'zlib1g', '1:1.2', 'all', 'dpkg'],
    [''],
  ])
})

test('nothing of another root is run, and no link leads out of it', async () => {
  const trap = join(folder, 'sprung')
  for (const program of ['usr/bin/dpkg-query', 'usr/bin/rpm', 'bin/sh']) {
    write(`image/${program}`, `#!/bin/sh\ntouch ${trap}\n`)
    chmodSync(join(folder, 'image', program), 0o755)
  }
  write('image/var/lib/rpm/Packages.db', 'ndb')
  write('outside/installed', 'P:secret\nV:1\n\n')
  mkdirSync(join(folder, 'image/lib/apk'), { recursive: true })
  symlinkSync(join(folder, 'outside'), join(folder, 'image/lib/apk/db'))
  const { output, errors, code } = await inventory('software', '--local', '--root', 'image', '--json')
  expect(rowsOf(output).map((row) => row['SoftwareName'])).toEqual(['acl', 'zlib1g'])
  expect([errors, code]).toEqual([
    'the rpm database cannot be read: /var/lib/rpm/Packages.db is a database that only rpm reads; its packages stay as last seen\n',
    3,
  ])
  expect(existsSync(trap)).toBe(false)
})

test('daemons of another root are rows, too', async () => {
  write(
    'image/usr/lib/systemd/system/ssh.service',
    '[Unit]\nDescription=A shell\n[Install]\nWantedBy=multi-user.target\n',
  )
  const { output, errors, code } = await inventory('daemons', '--local', '--root', 'image', '--json')
  expect([errors, code]).toEqual(['', 0])
  expect(rowsOf(output)).toMatchObject([
    { Computer: 'in-the-image', ConfigDataType: 'Daemons', SvcName: 'ssh', SvcDescription: 'A shell' },
  ])
})

test('a rule asks for packages of languages', async () => {
  write('image/usr/lib/node_modules/npm/package.json', '{"version":"10"}')
  write('rule.json', JSON.stringify({ softwareSettings: { npm: true } }))
  const { output } = await inventory('software', '--local', '--root', 'image', '--rule', 'rule.json', '--json')
  expect(rowsOf(output).map((row) => row['SoftwareType'])).toEqual(['Package', 'Npm', 'Package'])
})

test.each([
  { name: 'files', words: ['files', '--local'], said: 'tidemark scan --rule FILE', code: 2 },
  { name: 'another machine', words: ['software', '--local', '--machine', 'x'], said: '--machine is for', code: 2 },
  { name: '--root alone', words: ['software', '--root', '/'], said: '--root and --rule go with --local', code: 2 },
  {
    name: 'a root that is none',
    words: ['software', '--local', '--root', 'no'],
    said: '--root no is no folder',
    code: 3,
  },
  { name: 'a root without packages', words: ['software', '--local', '--root', '.'], said: 'no database of', code: 3 },
])('what cannot be done is told: $name', async ({ words, said, code }) => {
  const told = await inventory(...words)
  expect(told.errors).toContain(said)
  expect([told.output, told.code]).toEqual(['', code])
})
