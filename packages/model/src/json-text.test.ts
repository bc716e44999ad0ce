import fc from 'fast-check'
import { expect, test } from 'vitest'

import { parseJsonText } from './json-text.ts'

const where = (text: string): string | undefined => {
  const read = parseJsonText(text)
  return read.kind === 'rejected' ? read.problems[0]?.where : undefined
}

test.each([
  { text: '', place: 'line 1, column 1' },
  { text: '{"a":}', place: 'line 1, column 6' },
  { text: '{"a": 1,\n  "b": [1, 2,,]}', place: 'line 2, column 14' },
  { text: '{"a":1', place: 'line 1, column 7' },
  { text: '[1}', place: 'line 1, column 3' },
  { text: '[1] 2', place: 'line 1, column 5' },
  { text: '{a:1}', place: 'line 1, column 2' },
  { text: '["\\x"]', place: 'line 1, column 2' },
  { text: '[01]', place: 'line 1, column 3' },
])('$text is wrong at $place', ({ text, place }) => expect(where(text)).toBe(place))

test('what is JSON is taken, and of any text what stands before the place is the beginning of some JSON', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => where(JSON.stringify(value)) === undefined))
  const broken = fc.tuple(fc.jsonValue(), fc.nat(200), fc.string({ maxLength: 3 }))
  fc.assert(
    fc.property(broken, ([value, at, more]) => {
      const text = JSON.stringify(value)
      const cut = text.slice(0, at) + more + text.slice(at)
      const place = where(cut)
      if (place === undefined) JSON.parse(cut)
      else expect(Number(/column (\d+)/.exec(place)?.[1])).toBeGreaterThan(0)
    }),
  )
})

test('a deep and a long text take neither stack nor minutes', () => {
  expect(where('['.repeat(1_000_000))).toBe('line 1, column 1000001')
  expect(where(`"${'x'.repeat(4_000_000)}`)).toBe('line 1, column 1')
})
