import { Buffer } from 'node:buffer'

import fc from 'fast-check'
import { expect, test } from 'vitest'

import { parseUnitFile, valueOf, valuesOf, wordsOf } from './unit-file.ts'

const parse = (text: string) => parseUnitFile(Buffer.from(text))
const starts = (text: string) => valuesOf(parse(`[Service]\n${text}`), 'Service', 'ExecStart')

test.each([
  { name: 'blanks around "=" do not count', text: 'ExecStart =  /bin/a b ', values: ['/bin/a b'] },
  {
    name: 'a line goes on behind a backslash',
    text: 'ExecStart=/bin/a \\\n  --b \\\n  c',
    values: ['/bin/a    --b    c'],
  },
  { name: 'comments in between are passed over', text: 'ExecStart=/bin/a \\\n# no\n ; no\nb', values: ['/bin/a  b'] },
  {
    name: 'two backslashes at the end are one',
    text: 'ExecStart=/bin/a \\\\\nExecStart=b',
    values: ['/bin/a \\\\', 'b'],
  },
  { name: 'repeated keys are all there', text: 'ExecStart=a\nExecStart=b', values: ['a', 'b'] },
  { name: 'an empty one takes back those before it', text: 'ExecStart=a\nExecStart=\nExecStart=b', values: ['b'] },
  { name: 'a key of another section is another one', text: '[Unit]\nExecStart=a', values: [] },
  { name: 'the end of the file ends a line that goes on', text: 'ExecStart=a \\', values: ['a'] },
  { name: 'lines may end as on Windows', text: 'ExecStart=a\r\nUser=b\r\n', values: ['a'] },
])('$name', ({ text, values }) => {
  expect(starts(text)).toEqual(values)
})

test('what systemd passes over is told with its line', () => {
  const text = Buffer.concat([
    Buffer.from('Before=all\n[Unit]\nDescription=ok\nno equals\n=empty\n[Broken\n'),
    Buffer.from([0x44, 0x3d, 0xff, 0x0a]),
    Buffer.from('[Service]\nUser=www\n'),
  ])
  const unit = parseUnitFile(text)
  expect(unit.problems).toEqual([
    { line: 1, what: 'an assignment is in no section' },
    { line: 4, what: 'a line has no "="' },
    { line: 5, what: 'an assignment has no name' },
    { line: 6, what: 'a section has no end' },
    { line: 7, what: 'a line is not UTF-8' },
  ])
  expect([valueOf(unit, 'Unit', 'Description'), valueOf(unit, 'Service', 'User')]).toEqual(['ok', 'www'])
})

test('words are cut as systemd cuts them', () => {
  expect(wordsOf(`/bin/a "b c" 'd "e"' f\\ g "h\\"i" j`)).toEqual(['/bin/a', 'b c', 'd "e"', 'f g', 'h"i', 'j'])
})

test('what is written is what is read, and no bytes make it throw', () => {
  const word = fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,8}$/)
  const value = fc.stringMatching(/^[A-Za-z0-9/][A-Za-z0-9/ .:=-]{0,20}$/).map((text) => text.trim())
  const assignment = fc.record({ section: word, key: word, value })
  fc.assert(
    fc.property(fc.array(assignment), (all) => {
      const text = all.map(({ section, key, value: each }) => `# c\n[${section}]\n${key}=${each}\n\n`).join('')
      expect(parse(text)).toEqual({ assignments: all, problems: [] })
    }),
  )
  fc.assert(fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => void parseUnitFile(bytes)))
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom('"', "'", '\\', ' ', 'a') }), (text) => void wordsOf(text)))
})
