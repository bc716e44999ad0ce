import fc from 'fast-check'
import { expect, test } from 'vitest'

import { parseRpm } from './command.ts'
import { rpmItems } from './items.ts'

const record = (cells: string[]): string => `${cells.join('\u001f')}\u001e`
const bash = ['bash', 'The shell', 'Rocky', '1700000000', '7738634', '(none)', '5.1.8', '6.el9', 'x86_64']

test('a package is read as the described command prints it', () => {
  expect(rpmItems(parseRpm(record(bash)).headers, new Map()).get('bash.x86_64')?.columns).toEqual({
    SoftwareName: 'bash',
    SoftwareDescription: 'The shell',
    Publisher: 'Rocky',
    CurrentVersion: '0:5.1.8-6.el9',
    Architecture: 'x86_64',
    SoftwareType: 'Package',
    SoftwareSource: 'rpm',
    SoftwareStatus: 'installed',
    Size: 7_738_634,
    InstallDate: '2023-11-14T22:13:20.000Z',
  })
})

test('no text makes it throw, and damage is told with its number', () => {
  const pieces = fc.array(fc.oneof(fc.string(), fc.constantFrom('\u001f', '\u001e')))
  fc.assert(fc.property(pieces, (texts) => void parseRpm(texts.join(''))))
  expect(parseRpm(`${record(['x'])}${record(bash)}`).problems).toEqual(['record 1: 1 fields instead of 9'])
})
