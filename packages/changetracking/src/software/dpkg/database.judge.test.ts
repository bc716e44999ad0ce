import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { systemClock } from '@tidemark/base'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { TriedMachine } from '../../testing/tried-machine.ts'

// Goal: what is read is what dpkg-query prints of the same database, every column of every package. Method: databases that
// dpkg itself made of packages built here, and written ones for what dpkg takes and does not write.

const missing = ['/usr/bin/dpkg', '/usr/bin/dpkg-deb', '/usr/bin/fakeroot'].find((path) => !existsSync(path))

const FORMAT =
  "Name:${Package}\\nDescription:${Description}\\nMaintainer:${Maintainer}\\n'Unknown';4\\nSize:${Installed-Size}\\nVersion:${Version}\\nStatus:${Status}\\n${db:Status-Status}\\nArch:${Architecture}\\n\\n"
const SHAPE =
  /^(.*)\nDescription:([^]*)\nMaintainer:([^]*)\n'Unknown';4\nSize:(.*)\nVersion:(.*)\nStatus:(.*)\n(.*)\nArch:(.*)\n\n$/

/** What the described command prints, without what left only its configuration; sorted. */
function described(root: string): string[] {
  const words = ['--admindir', join(root, 'var/lib/dpkg'), '-W', '-f', FORMAT]
  const { stdout, status: code, stderr } = spawnSync('dpkg-query', words, { encoding: 'utf8', maxBuffer: 1e9 })
  if (code !== 0 && !stderr.includes('no packages found')) throw new Error(stderr)
  return stdout
    .split(/^Name:/m)
    .slice(1)
    .map((block) => [...(SHAPE.exec(block) ?? [])].slice(1))
    .filter((cells) => cells[6] !== 'config-files')
    .map(([name, description, maintainer, size, version, status, , architecture]) =>
      JSON.stringify([
        name,
        description,
        maintainer,
        size === '' ? undefined : Number(size) * 1_024,
        version,
        status,
        architecture,
      ]),
    )
    .sort()
}

async function ours(machine: TriedMachine): Promise<string[]> {
  const { items, gaps, unsettled } = await machine.look()
  expect([gaps, [...(unsettled ?? [])]]).toEqual([[], []])
  return [...items.values()]
    .map(({ columns: cells }) =>
      JSON.stringify([
        cells.SoftwareName,
        cells.SoftwareDescription,
        cells.Publisher,
        cells.Size,
        cells.CurrentVersion,
        cells.SoftwareStatus,
        cells.Architecture,
      ]),
    )
    .sort()
}

const stateOf = (rows: readonly string[], name: string): unknown[] =>
  rows
    .map((row): unknown[] => JSON.parse(row))
    .find(([called]) => called === name)
    ?.slice(4, 6) ?? []

describe.skipIf(missing)(`dpkg-query judges${missing ? ` (skipped: no ${missing})` : ''}`, () => {
  let folder = ''
  let machine: TriedMachine
  beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'tidemark-debs-'))))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  beforeEach(() => {
    machine = new TriedMachine({ 'var/lib/dpkg/status': '', 'var/lib/dpkg/available': '' })
    for (const name of ['info', 'updates', 'triggers', 'parts']) mkdirSync(join(machine.root, 'var/lib/dpkg', name))
    return () => machine[Symbol.dispose]()
  })

  function deb(
    name: string,
    version: string,
    more: { control?: string; scripts?: Record<string, string> } = {},
  ): string {
    const tree = mkdtempSync(join(folder, 'tree-'))
    mkdirSync(join(tree, 'DEBIAN'))
    mkdirSync(join(tree, 'etc'))
    writeFileSync(join(tree, 'etc', `${name}.conf`), version)
    writeFileSync(join(tree, 'DEBIAN/conffiles'), `/etc/${name}.conf\n`)
    const control = more.control ?? 'Architecture: all'
    const text = `Package: ${name}\nVersion: ${version}\nMaintainer: Zoë <z@example.org>\nInstalled-Size: 12\n${control}\nDescription: ${name} of a test\n Folded: yes.\n .\n ünd more\n`
    writeFileSync(join(tree, 'DEBIAN/control'), text)
    for (const [script, body] of Object.entries(more.scripts ?? {}))
      writeFileSync(join(tree, 'DEBIAN', script), `#!/bin/sh\n${body}\n`, { mode: 0o755 })
    const path = join(tree, '..', `${name}-${version.replace(':', '_')}-${Math.abs(hash(control))}.deb`)
    execFileSync('dpkg-deb', ['--root-owner-group', '-Znone', '-b', tree, path], { stdio: 'pipe' })
    return path
  }

  const dpkgWords = (): string[] => [
    '--force-not-root,script-chrootless,depends,bad-path,architecture,unsafe-io',
    '--log=/dev/null',
    '--instdir',
    machine.root,
    '--admindir',
    join(machine.root, 'var/lib/dpkg'),
  ]

  function dpkg(...words: string[]): number | null {
    return spawnSync('fakeroot', ['dpkg', ...dpkgWords(), ...words], { encoding: 'utf8' }).status
  }

  test('install, upgrade, downgrade, hold, remove, purge', async () => {
    dpkg('-i', deb('a', '1.0-1'), deb('b', '2:0.5'), deb('c', '1'))
    let rows = await ours(machine)
    expect(rows).toEqual(described(machine.root))
    expect(['a', 'b', 'c'].map((name) => stateOf(rows, name))).toEqual([
      ['1.0-1', 'install ok installed'],
      ['2:0.5', 'install ok installed'],
      ['1', 'install ok installed'],
    ])
    dpkg('-i', deb('a', '1.0-2'), deb('b', '1:9'))
    execFileSync('dpkg', ['--admindir', join(machine.root, 'var/lib/dpkg'), '--set-selections'], { input: 'a hold\n' })
    dpkg('-r', 'b')
    dpkg('-P', 'c')
    rows = await ours(machine)
    expect(rows).toEqual(described(machine.root))
    expect(rows).toHaveLength(1)
    expect(stateOf(rows, 'a')).toEqual(['1.0-2', 'hold ok installed'])
  })

  test('a failed postinst, one that was only unpacked, triggers that wait', async () => {
    expect(dpkg('-i', deb('fails', '1', { scripts: { postinst: 'exit 1' } }))).toBe(1)
    dpkg('--unpack', deb('unpacked', '1'))
    dpkg('-i', deb('heeds', '1', { scripts: { postinst: 'exit 0' } }))
    const rows = await ours(machine)
    expect(rows).toEqual(described(machine.root))
    expect(stateOf(rows, 'fails')).toEqual(['1', 'install ok half-configured'])
    expect(stateOf(rows, 'unpacked')).toEqual(['1', 'install ok unpacked'])
  })

  test('while dpkg runs, and after it was killed in the middle', async () => {
    dpkg('-i', deb('early', '1'))
    const kill = 'kill -9 $(ps -o ppid= -p $$)'
    const seen = join(machine.root, 'seen')
    const copies = `cp -r ${machine.root}/var/lib/dpkg ${seen}`
    dpkg('-i', deb('early', '2', { scripts: { postinst: copies } }))
    expect(dpkg('-i', deb('late', '1', { scripts: { preinst: kill } }))).not.toBe(0)
    expect(await ours(machine)).toEqual(described(machine.root))
    // The database as it was in the middle: its journal has what `status` does not have yet.
    using during = new TriedMachine()
    execFileSync('mkdir', ['-p', join(during.root, 'var/lib')])
    execFileSync('cp', ['-r', seen, join(during.root, 'var/lib/dpkg')])
    const rows = await ours(during)
    expect(rows).toEqual(described(during.root))
    expect(stateOf(rows, 'early')).toEqual(['2', 'install ok half-configured'])
    during.locked.add('/var/lib/dpkg/lock')
    const look = await during.look()
    expect([[...look.items], [...(look.unsettled ?? [])]]).toEqual([[], ['early:all']])
  })

  // Mutants tried: packages between two states taken as they are; all of them unsettled taken for an emptied database. Both were found.
  test('looks that dpkg writes under see every package, in one of its settled states', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `moved${index}`)
    const files = (version: string): string[] => names.map((name) => deb(name, version))
    dpkg('-i', ...files('1'))
    let { items: known } = await machine.look()
    machine.locked.add('/var/lib/dpkg/lock')
    const running = spawn('fakeroot', ['dpkg', ...dpkgWords(), '-i', ...files('2')], { stdio: 'ignore' })
    const ended = once(running, 'exit')
    let looks = 0
    while (running.exitCode === null) {
      looks += 1
      await systemClock.sleep(1)
      const { items, unsettled, gaps, unseen: busy } = await machine.look(known)
      expect(gaps).toEqual([])
      // Written at each of ten readings: all stays as it was known, and nothing is told of it.
      if ((busy?.size ?? 0) > 0) continue
      const unseen = names.filter((name) => !items.has(`${name}:all`) && unsettled?.has(`${name}:all`) !== true)
      expect(unseen).toEqual([])
      const wrong = [...items.values()].filter(({ columns }) => columns.SoftwareStatus !== 'install ok installed')
      expect(wrong).toEqual([])
      known = new Map([...known, ...items])
    }
    await ended
    expect(looks).toBeGreaterThan(3)
    machine.locked.clear()
    expect(await ours(machine)).toEqual(described(machine.root))
    expect([...(await machine.look()).items.values()].map(({ columns }) => columns.CurrentVersion)).toEqual(
      names.map(() => '2'),
    )
  })

  test('one name with two architectures, and a package that changes its own', async () => {
    execFileSync('dpkg', ['--admindir', join(machine.root, 'var/lib/dpkg'), '--add-architecture', 'i386'])
    const same = (architecture: string) => ({ control: `Architecture: ${architecture}\nMulti-Arch: same` })
    dpkg(
      '-i',
      deb('lib', '1', same('amd64')),
      deb('lib', '1', same('i386')),
      deb('tool', '1', { control: 'Architecture: amd64' }),
    )
    const before = await machine.look()
    expect(await ours(machine)).toEqual(described(machine.root))
    expect([...before.items.keys()].sort()).toEqual(['lib:amd64', 'lib:i386', 'tool:amd64'])
    const seen = join(machine.root, 'seen')
    dpkg('-i', deb('tool', '2', { scripts: { postinst: `cp -r ${machine.root}/var/lib/dpkg ${seen}` } }))
    expect(await ours(machine)).toEqual(described(machine.root))
    // It is the same package, under the key that it was known by.
    const after = await machine.look(before.items)
    expect([...after.items.keys()].sort()).toEqual(['lib:amd64', 'lib:i386', 'tool:amd64'])
    using during = new TriedMachine()
    execFileSync('mkdir', ['-p', join(during.root, 'var/lib')])
    execFileSync('cp', ['-r', seen, join(during.root, 'var/lib/dpkg')])
    expect(await ours(during)).toEqual(described(during.root))
  })

  test('what dpkg takes and does not write itself', async () => {
    const states = ['half-installed', 'unpacked', 'half-configured', 'installed', 'config-files']
    const stanzas = [
      ...states.map(
        (state) =>
          `Package: in-${state}\nStatus: install reinstreq ${state}\nVersion: 1\nArchitecture: all\nMaintainer: m`,
      ),
      'Package: triggered\nStatus: install ok triggers-pending\nVersion: 1\nArchitecture: all\nMaintainer: m\nTriggers-Pending: /x',
      'Package: waiting\nStatus: install ok triggers-awaited\nVersion: 1\nArchitecture: all\nMaintainer: m\nTriggers-Awaited: triggered',
      'package:  UPPER \nSTATUS: Install OK Installed\nversion: 0:1.5-1\narchitecture: all\nmaintainer: \t a  b \t\ndescription:',
      'Package: epoch\nStatus: install ok installed\nVersion: 01:1:2-3\nArchitecture: all\nMaintainer: m\nInstalled-Size: 0',
      'Package: gone\nStatus: purge ok not-installed\nVersion: 1\nArchitecture: all',
      'Package: bytes\nStatus: install ok installed\nVersion: 1\nArchitecture: all\nMaintainer: \u00e4\nDescription: one\n two\n\tthree',
    ]
    const text = Buffer.from(`\n${stanzas.join('\n\n\n')}\n`, 'latin1')
    machine.write('var/lib/dpkg/status', text)
    machine.write('var/lib/dpkg/updates/0000', `${stanzas[8]?.replace('2-3', '2-4')}\n`)
    machine.write('var/lib/dpkg/updates/tmp.i', '#padding\n')
    expect(await ours(machine)).toEqual(described(machine.root))
    expect(await ours(machine)).toHaveLength(9)
  })

  test('5,000 packages in all states', async () => {
    const states = ['installed', 'half-installed', 'unpacked', 'half-configured', 'config-files']
    const stanzas = Array.from({ length: 5_000 }, (_, index) => {
      const state = states[index % 40] ?? 'installed'
      const epoch = index % 3 === 0 ? `${index % 7}:` : ''
      const version = `Version: ${epoch}1.${index}-1+b${index % 4}`
      const description = `Description: package ${index}\n ${'very '.repeat(index % 300)}long\n .\n Ende mit ü`
      return `Package: p${index}\nStatus: ${index % 11 === 0 ? 'hold' : 'install'} ok ${state}\nMaintainer: M ${index} <m@x>\nInstalled-Size: ${index}\nArchitecture: ${index % 2 === 0 ? 'all' : 'amd64'}\n${version}\n${description}\n`
    })
    machine.write('var/lib/dpkg/status', stanzas.join('\n'))
    const rows = await ours(machine)
    expect(rows).toHaveLength(4_875)
    expect(rows).toEqual(described(machine.root))
  })

  test.each([
    { name: 'a package twice', text: (stanza: string) => `${stanza}\n${stanza}` },
    { name: 'cut in a line', text: (stanza: string) => stanza.slice(0, -5) },
    { name: 'a line of garbage', text: (stanza: string) => `${stanza}\n\0\u0001garbage\n` },
    { name: 'a status that is none', text: (stanza: string) => stanza.replace('ok installed', 'ok') },
  ])('what dpkg-query refuses is refused: $name', async ({ text }) => {
    const stanza =
      'Package: a\nStatus: install ok installed\nVersion: 1\nArchitecture: all\nMaintainer: m\nDescription: d\n'
    machine.write('var/lib/dpkg/status', text(stanza))
    expect(() => described(machine.root)).toThrow('error: parsing file')
    const { gaps, unseen } = await machine.look()
    expect([gaps.map(({ reason }) => reason), [...(unseen ?? [])]]).toEqual([['source-damaged'], ['software:dpkg']])
  })
})

function hash(text: string): number {
  let sum = 0
  for (const letter of text) sum = (sum * 31 + letter.charCodeAt(0)) % 1_000_003
  return sum
}
