import fc from 'fast-check'
import { expect, test } from 'vitest'

import { type ReadStanza, readStanzas } from './stanza.ts'

const read = (...pieces: (string | Buffer)[]): ReadStanza[] => [
  ...readStanzas(pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece))),
]
const zlib = [
  'Package: zlib1g',
  'Status: install ok installed',
  'Installed-Size: 163',
  'Maintainer: Märk <m@b>',
  'Architecture: amd64',
  'Multi-Arch: same',
  'Version: 1:1.2.13.dfsg-1',
  'Conffiles:',
  ' /etc/a 0123',
  'Description: compression library',
  ' zlib is a library.',
  ' .',
  ' More.',
  '',
].join('\n')

test('a stanza is read as dpkg keeps it, folded lines included', () => {
  expect(read(`\n\n${zlib}`)).toEqual([
    {
      kind: 'stanza',
      stanza: {
        name: 'zlib1g',
        architecture: 'amd64',
        version: '1:1.2.13.dfsg-1',
        status: { wanted: 'install', flag: 'ok', state: 'installed' },
        isCoinstallable: true,
        maintainer: 'Märk <m@b>',
        installedKib: '163',
        description: 'compression library\n zlib is a library.\n .\n More.',
      },
    },
  ])
})

test.each([
  { name: 'torn in a line', text: `${zlib}\nPackage: b`, problem: 'line 15: the file ends in the middle of a line' },
  { name: 'no colon', text: `${zlib}\nPackage b\n`, problem: 'line 15: no field name with a colon begins this line' },
  {
    name: 'begins with a continued line',
    text: ' x\n',
    problem: 'line 1: no field name with a colon begins this line',
  },
  { name: 'a name twice', text: 'Package: a\npackage: b\n', problem: 'line 2: the field package comes twice' },
  { name: 'no name', text: 'Version: 1\n', problem: 'line 1: a stanza without a package’s name' },
  {
    name: 'a status of two words',
    text: `${zlib}\n\nPackage: b\nStatus: install ok\n`,
    problem: 'line 16: "install ok" is no status of a package',
  },
  {
    name: 'an unknown state',
    text: 'Package: b\nStatus: install ok lost\n',
    problem: 'line 1: "install ok lost" is no status of a package',
  },
  { name: 'a version that is none', text: 'Package: b\nVersion: a:1\n', problem: 'line 1: "a:1" is no version' },
])('what dpkg would not take is told with its line: $name', ({ text, problem }) => {
  const problems = read(text).flatMap((each) => (each.kind === 'problem' ? [`line ${each.line}: ${each.problem}`] : []))
  expect(problems).toEqual([problem])
})

// Mutants tried: the rest of a piece forgotten, a line number that does not count folded lines, an empty line in two pieces
// taken for none. Each was found.
test('it does not matter where the bytes are cut, and no bytes make it throw', () => {
  const whole = read(`${zlib}\n${zlib.replace('zlib1g', 'other')}\n\n${zlib}`)
  expect(whole).toHaveLength(3)
  const bytes = Buffer.from(`${zlib}\n${zlib.replace('zlib1g', 'other')}\n\n${zlib}`)
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length)), (cuts) => {
      const places = [0, ...cuts.sort((one, other) => one - other), bytes.length]
      expect(read(...places.slice(1).map((end, index) => bytes.subarray(places[index], end)))).toEqual(whole)
    }),
  )
  const lines = fc.constantFrom('Package: a\n', 'Status: x\n', ' y\n', '\n', ':', 'Version: 1:1\n', 'D', '\0')
  fc.assert(fc.property(fc.array(fc.oneof(lines, fc.string())), (texts) => void read(texts.join(''))))
  fc.assert(fc.property(fc.uint8Array(), (any) => void read(Buffer.from(any))))
})
