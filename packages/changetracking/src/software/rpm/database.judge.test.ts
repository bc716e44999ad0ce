import { execFileSync, spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { RunCommand } from '../../host/run.ts'
import { TriedMachine } from '../../testing/tried-machine.ts'

// Goal: what is read of rpmdb.sqlite is what the described command prints. Method: databases that rpm filled with packages
// built here, at rest, with a journal that waits, and damaged.

const missing = ['/usr/bin/rpm', '/usr/bin/rpmbuild'].find((path) => !existsSync(path))
const FORMAT =
  '%{NAME}; %{SUMMARY}; %{PACKAGER}; %{INSTALLTIME}; %{SIZE}; %{EPOCH}:%{VERSION}-%{RELEASE}; installed; %{ARCH}\\n@@'
const DATABASE = 'var/lib/rpm/rpmdb.sqlite'

const rpm = (root: string, ...words: string[]) =>
  spawnSync('rpm', ['--dbpath', join(root, 'var/lib/rpm'), ...words], {
    encoding: 'utf8',
    env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' },
  })

/** What the described command prints, sorted. */
function described(root: string): string[] {
  const { stdout } = rpm(root, '-qa', '--queryformat', FORMAT)
  return stdout.replaceAll('(none)', '0').split('\n@@').slice(0, -1).sort()
}

async function ours(machine: TriedMachine): Promise<string[]> {
  const { items, gaps } = await machine.look()
  expect(gaps).toEqual([])
  return [...items.values()]
    .map(({ columns: cells }) =>
      [
        cells.SoftwareName,
        cells.SoftwareDescription,
        cells.Publisher,
        Date.parse(String(cells.InstallDate)) / 1_000,
        cells.Size,
        cells.CurrentVersion,
        cells.SoftwareStatus,
        cells.Architecture,
      ].join('; '),
    )
    .sort()
}

describe.skipIf(missing)(`rpm judges${missing ? ` (skipped: no ${missing})` : ''}`, () => {
  let packages = ''
  const path = (name: string, version: string): string => join(packages, `RPMS/noarch/${name}-${version}-1.noarch.rpm`)
  beforeAll(() => {
    packages = mkdtempSync(join(tmpdir(), 'tidemark-rpms-'))
    const german = 'Summary(de): Ein Päckchen'
    build('plain', '1.0')
    build('packaged', '1.0', `Packager: Ä <a@example.org>\nEpoch: 2\n${german}`)
    for (const version of ['5.14', '6.1', '6.2']) build('kernel', version)
    build('packaged', '0.9', 'Epoch: 3')
  }, 60_000)
  afterAll(() => rmSync(packages, { recursive: true, force: true }))

  function build(name: string, version: string, more = ''): void {
    const head = `Name: ${name}\nVersion: ${version}\nRelease: 1\nSummary: ${name}; of a (none) test\nLicense: MIT\nBuildArch: noarch\n${more}`
    const text = `${head}\n%description\nx\n%install\nmkdir -p %{buildroot}/etc\necho ${version} > %{buildroot}/etc/${name}-${version}\n%files\n/etc/${name}-${version}\n`
    writeFileSync(join(packages, 'one.spec'), text)
    execFileSync('rpmbuild', ['-bb', '--define', `_topdir ${packages}`, join(packages, 'one.spec')], { stdio: 'pipe' })
  }

  const onMachine = (root: string, ...words: string[]): void => {
    const { status, stderr } = rpm(root, '--justdb', '--nodeps', '--noscripts', ...words)
    if (status !== 0) throw new Error(stderr)
  }
  const installed = (): TriedMachine => {
    const machine = new TriedMachine()
    mkdirSync(join(machine.root, 'var/lib/rpm'), { recursive: true })
    onMachine(
      machine.root,
      '-i',
      path('plain', '1.0'),
      path('packaged', '1.0'),
      path('kernel', '5.14'),
      path('kernel', '6.1'),
    )
    return machine
  }

  test('install, several kernels, upgrade, downgrade by the epoch, erase', async () => {
    using machine = installed()
    expect(await ours(machine)).toEqual(described(machine.root))
    const before = await machine.look()
    expect([...before.items.keys()].sort()).toEqual([
      'kernel.noarch 0:5.14-1',
      'kernel.noarch 0:6.1-1',
      'packaged.noarch',
      'plain.noarch',
    ])
    onMachine(machine.root, '-U', path('packaged', '0.9'))
    onMachine(machine.root, '-i', path('kernel', '6.2'))
    onMachine(machine.root, '-e', 'plain', 'kernel-5.14')
    expect(await ours(machine)).toEqual(described(machine.root))
    const after = await machine.look(before.items)
    expect([...after.items].map(([key, { columns }]) => `${key}: ${String(columns.CurrentVersion)}`).sort()).toEqual([
      'kernel.noarch 0:6.1-1: 0:6.1-1',
      'kernel.noarch 0:6.2-1: 0:6.2-1',
      'packaged.noarch: 3:0.9-1',
    ])
  })

  test('what waits in the write-ahead log is seen, and nothing is written beside the database', async () => {
    using machine = installed()
    const writer = new DatabaseSync(join(machine.root, DATABASE), { enableForeignKeyConstraints: false })
    try {
      writer.exec('PRAGMA journal_mode = WAL')
      writer.exec('PRAGMA wal_autocheckpoint = 0')
      writer.exec('DELETE FROM Packages WHERE hnum = (SELECT min(hnum) FROM Packages)')
      // A transaction that is not over counts for nothing.
      writer.exec('BEGIN; DELETE FROM Packages')
      const before = readdirSync(join(machine.root, 'var/lib/rpm')).sort()
      expect(await ours(machine)).toHaveLength(3)
      expect(readdirSync(join(machine.root, 'var/lib/rpm')).sort()).toEqual(before)
    } finally {
      writer.close()
    }
    expect(await ours(machine)).toHaveLength(3)
  })

  test.each([
    { name: 'cut', damage: (file: string) => truncateSync(file, 8_192) },
    { name: 'no database at all', damage: (file: string) => writeFileSync(file, 'SQLite format 4'.repeat(99)) },
    { name: 'emptied', damage: (file: string) => writeFileSync(file, '') },
    { name: 'without its table', damage: (file: string) => sql(file, 'DROP TABLE Packages') },
    {
      name: 'one header cut',
      damage: (file: string) => sql(file, 'UPDATE Packages SET blob = substr(blob, 1, 99) WHERE hnum = 2'),
    },
    {
      name: 'one header that is text',
      damage: (file: string) => sql(file, "UPDATE Packages SET blob = 'x' WHERE hnum = 2"),
    },
    { name: 'all headers gone', damage: (file: string) => sql(file, 'DELETE FROM Packages') },
    { name: 'the file gone', damage: (file: string) => rmSync(file) },
  ])('the last good inventory stays: $name', async ({ damage }) => {
    using machine = installed()
    const before = await machine.look()
    damage(join(machine.root, DATABASE))
    // rpm itself leaves a damaged header out, and ends with 0.
    machine.run = runRpmOf(machine.root)
    const { gaps, unseen, isComplete } = await machine.look(before.items)
    expect([isComplete, [...(unseen ?? [])], gaps.map(({ reason }) => reason)]).toEqual([
      true,
      ['software:rpm'],
      ['source-damaged'],
    ])
  })

  test('a database that only rpm reads is asked of rpm, which is said', async () => {
    using machine = new TriedMachine({ 'var/lib/rpm/Packages.db': 'RpmP' })
    using other = installed()
    machine.run = runRpmOf(other.root)
    expect(await ours(machine)).toEqual(described(other.root))
    expect((await machine.look()).notes).toEqual([
      'rpm was asked instead: /var/lib/rpm/Packages.db is a database that only rpm reads',
    ])
    machine.run = undefined
    expect((await machine.look()).gaps.map(({ detail }) => detail)).toEqual([
      'the rpm database cannot be read: /var/lib/rpm/Packages.db is a database that only rpm reads; its packages stay as last seen',
    ])
  })

  test('a copy of the database elsewhere is the same', async () => {
    using machine = installed()
    using other = new TriedMachine({ 'usr/lib/sysimage/rpm/x': '' })
    copyFileSync(join(machine.root, DATABASE), join(other.root, 'usr/lib/sysimage/rpm/rpmdb.sqlite'))
    expect(await ours(other)).toEqual(await ours(machine))
  })
})

const runRpmOf =
  (root: string): RunCommand =>
  async (program, words) => {
    if (program !== 'rpm') return { kind: 'missing' }
    const { status, stdout, stderr } = rpm(root, ...words)
    return await Promise.resolve({ kind: 'ran', code: status ?? -1, output: stdout, complaint: stderr })
  }

function sql(file: string, text: string): void {
  const database = new DatabaseSync(file, { enableForeignKeyConstraints: false })
  database.exec(text)
  database.close()
}
