import fc from 'fast-check'
import { expect, test } from 'vitest'

import { parseDpkg } from './command.ts'

const record = (cells: string[]): string => `${cells.join('\u001f')}\u001e`

test('a package is read with all its fields', () => {
  const { stanzas, problems } = parseDpkg(
    record(['zlib1g', 'amd64', '1:1.2.13', 'install ok installed', 'installed', 'A <a@b>', '163', 'short\n long']),
  )
  expect(problems).toEqual([])
  expect(stanzas.get('zlib1g:amd64')).toEqual({
    name: 'zlib1g',
    architecture: 'amd64',
    version: '1:1.2.13',
    status: { wanted: 'install', flag: 'ok', state: 'installed' },
    isCoinstallable: false,
    maintainer: 'A <a@b>',
    installedKib: '163',
    description: 'short\n long',
  })
})

test('a damaged record is told with its number, and the others are read', () => {
  const { stanzas, problems } = parseDpkg(
    `${record(['x'])}${record(['b', 'all', '1', 's', 'installed', '', '', ''])}torn`,
  )
  expect([...stanzas.keys()]).toEqual(['b:all'])
  expect(problems).toEqual(['record 3: the output ends in its middle', 'record 1: 1 fields instead of 8'])
})

test('no text makes it throw', () => {
  const pieces = fc.array(fc.oneof(fc.string(), fc.constantFrom('\u001f', '\u001e', 'installed')))
  fc.assert(fc.property(pieces, (texts) => void parseDpkg(texts.join(''))))
})
