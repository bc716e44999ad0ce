import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'

import fc from 'fast-check'
import { expect, test } from 'vitest'

import { dpkgWords, parseDpkg } from './dpkg.ts'

const record = (cells: string[]): string => `${cells.join('\u001f')}\u001e`

test('a package is read with all its fields', () => {
  const { items, problems } = parseDpkg(
    record(['zlib1g', 'amd64', '1:1.2.13', 'install ok installed', 'installed', 'A <a@b>', '163', 'short\n long']),
  )
  expect(problems).toEqual([])
  expect(items.get('zlib1g:amd64')?.columns).toEqual({
    SoftwareName: 'zlib1g',
    SoftwareDescription: 'short\n long',
    Publisher: 'A <a@b>',
    CurrentVersion: '1:1.2.13',
    Architecture: 'amd64',
    SoftwareType: 'Package',
    SoftwareStatus: 'install ok installed',
    Size: 166_912,
  })
})

test('what left only its configuration is not installed, what is in between is not settled', () => {
  const { items, unsettled } = parseDpkg(
    record(['a', 'all', '1', 'deinstall ok config-files', 'config-files', '', '', '']) +
      record(['b', 'all', '1', 'install ok half-configured', 'half-configured', '', '', '']),
  )
  expect([[...items], [...unsettled]]).toEqual([[], ['b:all']])
})

test('a damaged record is told with its number, and the others are read', () => {
  const { items, problems } = parseDpkg(
    `${record(['x'])}${record(['b', 'all', '1', 's', 'installed', '', '', ''])}torn`,
  )
  expect([...items.keys()]).toEqual(['b:all'])
  expect(problems).toEqual(['record 3: the output ends in its middle', 'record 1: 1 fields instead of 8'])
})

test('no text makes it throw', () => {
  const pieces = fc.array(fc.oneof(fc.string(), fc.constantFrom('\u001f', '\u001e', 'installed')))
  fc.assert(fc.property(pieces, (texts) => void parseDpkg(texts.join(''))))
})

const isDebian = existsSync('/usr/bin/dpkg-query')

test.skipIf(!isDebian)(
  `it equals the described command, item by item${isDebian ? '' : ' (skipped: no dpkg-query)'}`,
  () => {
    const format =
      "Name:${Package}\\nDescription:${Description}\\nMaintainer:${Maintainer}\\n'Unknown';4\\nSize:${Installed-Size}\\nVersion:${Version}\\nStatus:${Status}\\n${db:Status-Status}\\nArch:${Architecture}\\n\\n"
    const described = execFileSync('dpkg-query', ['-W', '-f', format], { encoding: 'utf8', maxBuffer: 1e9 })
    const { items, problems } = parseDpkg(execFileSync('dpkg-query', dpkgWords, { encoding: 'utf8', maxBuffer: 1e9 }))
    expect(problems).toEqual([])
    const expected = described
      .split(/^Name:/m)
      .slice(1)
      .map((block) =>
        /^(.*)\nDescription:([^]*?)\nMaintainer:(.*)\n'Unknown';4\nSize:(.*)\nVersion:(.*)\nStatus:(.*)\n(.*)\nArch:(.*)\n/.exec(
          block,
        )!,
      )
      .filter(([, , , , , , , state]) => state === 'installed')
      .map(([, name, description, maintainer, , version, status, , architecture]) => [
        name,
        description,
        maintainer,
        version,
        status,
        architecture,
      ])
    const ours = [...items.values()].map(({ columns }) => [
      columns.SoftwareName,
      columns.SoftwareDescription,
      columns.Publisher,
      columns.CurrentVersion,
      columns.SoftwareStatus,
      columns.Architecture,
    ])
    expect(ours.length).toBeGreaterThan(50)
    expect(ours).toEqual(expected)
  },
)
