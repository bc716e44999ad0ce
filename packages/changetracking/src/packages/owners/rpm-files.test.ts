import fc from 'fast-check'
import { expect, test } from 'vitest'

import { parseRpmFiles } from './rpm-files.ts'

const int32 = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(4 * values.length)
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, 4 * index)
  return bytes
}
const texts = (...values: string[]): Buffer => Buffer.from(values.map((value) => `${value}\0`).join(''))

function header(entries: readonly (readonly [tag: number, type: number, count: number, value: Buffer])[]): Buffer {
  let at = 0
  const index = entries.map(([tag, type, count, value]) => {
    at += value.length
    return int32(tag, type, at - value.length, count)
  })
  return Buffer.concat([int32(entries.length, at), ...index, ...entries.map(([, , , value]) => value)])
}

const whole = header([
  [1000, 6, 1, texts('one')],
  [1001, 6, 1, texts('2')],
  [1002, 6, 1, texts('3')],
  [1117, 8, 4, texts('a.conf', 'b', 'g', 'skipped')],
  [1118, 8, 2, texts('/etc/', '/usr/')],
  [1116, 4, 4, int32(0, 1, 1, 1)],
  [1035, 8, 4, texts('aa', 'bb', '', 'cc')],
  [1037, 4, 4, int32(17, 0, 64, 0)],
  [1029, 2, 4, Buffer.from([0, 0, 0, 4])],
  [5011, 4, 1, int32(8)],
])

test('files with their folders, flags and checksums; those that were left out are not there', () => {
  expect(parseRpmFiles(whole)).toEqual({
    name: 'one',
    version: '0:2-3',
    files: [
      { path: '/etc/a.conf', isConfig: true, expected: { kind: 'content', algorithm: 'sha256', hex: 'aa' } },
      { path: '/usr/b', isConfig: false, expected: { kind: 'content', algorithm: 'sha256', hex: 'bb' } },
      { path: '/usr/g', isConfig: false, expected: expect.objectContaining({ kind: 'unknown', mayBeMissing: true }) },
    ],
  })
})

test('bytes that are no header are refused, and nothing else is thrown', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 8 }), (edits) => {
      const bytes = Buffer.from(whole)
      for (const [at, byte] of edits) bytes[at] = byte
      try {
        parseRpmFiles(bytes)
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError)
      }
    }),
    { numRuns: 1_000 },
  )
})
