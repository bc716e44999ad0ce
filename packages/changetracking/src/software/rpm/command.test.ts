import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import fc from 'fast-check'
import { expect, test } from 'vitest'

import { parseRpm, rpmWords } from './rpm.ts'

const record = (cells: string[]): string => `${cells.join('\u001f')}\u001e`
const bash = ['bash', 'The shell', 'Rocky', '1700000000', '7738634', '(none)', '5.1.8', '6.el9', 'x86_64']

test('a package is read as the described command prints it', () => {
  const { items } = parseRpm(record(bash))
  expect(items.get('bash.x86_64')?.columns).toEqual({
    SoftwareName: 'bash',
    SoftwareDescription: 'The shell',
    Publisher: 'Rocky',
    CurrentVersion: '0:5.1.8-6.el9',
    Architecture: 'x86_64',
    SoftwareType: 'Package',
    SoftwareStatus: 'installed',
    Size: 7_738_634,
    InstallDate: '2023-11-14T22:13:20.000Z',
  })
})

test('several kernels are several items, and none of them flaps', () => {
  const kernel = (version: string): string[] => ['kernel', 'k', 'R', '1', '1', '(none)', version, '1', 'x86_64']
  const { items } = parseRpm(record(kernel('5')) + record(kernel('6')) + record(bash))
  expect([...items.keys()]).toEqual(['kernel.x86_64 0:5-1', 'kernel.x86_64 0:6-1', 'bash.x86_64'])
})

test('no text makes it throw, and damage is told with its number', () => {
  const pieces = fc.array(fc.oneof(fc.string(), fc.constantFrom('\u001f', '\u001e')))
  fc.assert(fc.property(pieces, (texts) => void parseRpm(texts.join(''))))
  expect(parseRpm(`${record(['x'])}${record(bash)}`).problems).toEqual(['record 1: 1 fields instead of 9'])
})

// Mutants tried: the key by the count of versions alone (the first version of this room), and always with the version.
test('a version keeps its key when another one comes or goes', () => {
  const kernels = (...versions: string[]): string =>
    versions.map((version) => record(['kernel', 'k', 'R', '1', '1', '(none)', version, '1', 'x86_64'])).join('')
  const first = parseRpm(kernels('5')).items
  const second = parseRpm(kernels('5', '6'), first).items
  const third = parseRpm(kernels('6'), second).items
  const fourth = parseRpm(kernels('6', '7'), third).items
  expect([first, second, third, fourth].map((items) => [...items.keys()])).toEqual([
    ['kernel.x86_64'],
    ['kernel.x86_64', 'kernel.x86_64 0:6-1'],
    ['kernel.x86_64 0:6-1'],
    ['kernel.x86_64 0:6-1', 'kernel.x86_64 0:7-1'],
  ])
  expect([...parseRpm(kernels('6'), first).items.keys()]).toEqual(['kernel.x86_64'])
})

const noRpm = ['/usr/bin/rpm', '/usr/bin/rpmbuild'].find((path) => !existsSync(path))

test.skipIf(noRpm)(
  `it equals the described command on a real database, item by item${noRpm ? ` (skipped: no ${noRpm})` : ''}`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'tidemark-rpm-'))
    try {
      const database = ['--root', folder, '--dbpath', '/db']
      for (const name of ['plain', 'packaged']) installEmpty(name, { folder, database })
      const format =
        '%{NAME}; %{SUMMARY}; %{PACKAGER}; %{INSTALLTIME}; %{SIZE}; %{EPOCH}:%{VERSION}-%{RELEASE}; installed; %{ARCH}\\n@@'
      const described = execFileSync('rpm', [...database, '-qa', '--queryformat', format], { encoding: 'utf8' })
      const { items, problems } = parseRpm(execFileSync('rpm', [...database, ...rpmWords], { encoding: 'utf8' }))
      const ours = [...items.values()].map(({ columns }) =>
        [
          columns.SoftwareName,
          columns.SoftwareDescription,
          columns.Publisher,
          Date.parse(String(columns.InstallDate)) / 1_000,
          columns.Size,
          columns.CurrentVersion,
          'installed',
          columns.Architecture,
        ].join('; '),
      )
      expect(problems).toEqual([])
      expect(ours).toHaveLength(2)
      expect(ours).toEqual(described.replaceAll('(none)', '0').split('\n@@').slice(0, -1))
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
)

function installEmpty(name: string, { folder, database }: { folder: string; database: string[] }): void {
  const more = name === 'packaged' ? 'Packager: A <a@example.org>\nEpoch: 2' : ''
  const text = `Name: ${name}\nVersion: 1.0\nRelease: 1\nSummary: ${name}; of a test\nLicense: MIT\nBuildArch: noarch\n${more}\n%description\nx\n%files\n`
  writeFileSync(join(folder, `${name}.spec`), text)
  execFileSync('rpmbuild', ['-bb', '--define', `_topdir ${folder}`, join(folder, `${name}.spec`)], { stdio: 'pipe' })
  execFileSync(
    'rpm',
    [...database, '--justdb', '--nodeps', '-i', join(folder, `RPMS/noarch/${name}-1.0-1.noarch.rpm`)],
    {
      stdio: 'pipe',
    },
  )
}
