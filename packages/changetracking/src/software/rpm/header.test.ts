import fc from 'fast-check'
import { expect, test } from 'vitest'

import { parseHeader } from './header.ts'

type Entry = readonly [tag: number, type: number, value: Buffer, count?: number]
const text = (value: string): Buffer => Buffer.from(`${value}\0`)
const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
const int64 = (value: bigint): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(value)
  return bytes
}

function blob(entries: readonly Entry[]): Buffer {
  const index: Buffer[] = []
  const data: Buffer[] = []
  let at = 0
  for (const [tag, type, value, count = 1] of entries) {
    index.push(Buffer.concat([int32(tag), int32(type), int32(at), int32(count)]))
    data.push(value)
    at += value.length
  }
  return Buffer.concat([int32(entries.length), int32(at), ...index, ...data])
}

const basic: Entry[] = [
  [1000, 6, text('big')],
  [1001, 6, text('1')],
  [1002, 6, text('2')],
]

test('a header is read: languages, big sizes, what was added at installation', () => {
  const header = blob([
    ...basic,
    [1004, 9, Buffer.concat([text('for all'), text('für alle')]), 2],
    [1003, 4, int32(7)],
    [5009, 5, int64(5_000_000_000n)],
    [1008, 4, int32(1)],
    [1015, 6, text('Märk')],
    [1022, 6, text('noarch')],
    [1008, 4, int32(1_700_000_000)],
  ])
  expect(parseHeader(header)).toEqual({
    kind: 'header',
    header: {
      name: 'big',
      version: '1',
      release: '2',
      epoch: '7',
      summary: 'for all',
      packager: 'Märk',
      architecture: 'noarch',
      installedSeconds: 1_700_000_000,
      sizeBytes: 5_000_000_000,
    },
  })
})

test.each([
  { name: 'empty', bytes: Buffer.alloc(0), problem: 'it has no beginning' },
  { name: 'cut', bytes: blob(basic).subarray(0, -1), problem: 'it has 63 bytes instead of 64' },
  { name: 'without a name', bytes: blob(basic.slice(1)), problem: 'it has no name, version or release' },
  {
    name: 'a text without end',
    bytes: blob([...basic, [1022, 6, Buffer.from('x')]]),
    problem: 'its tag 1022 cannot be read',
  },
  { name: 'no entries', bytes: Buffer.alloc(8), problem: 'it says 0 entries and 0 bytes' },
])('what is no header is told: $name', ({ bytes, problem }) => {
  expect(parseHeader(bytes)).toEqual({ kind: 'problem', problem })
})

test('no bytes make it throw, whichever of a good header is another one', () => {
  const good = blob([...basic, [1004, 9, text('s')], [1009, 4, int32(3)]])
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 0, max: 255 }))), (edits) => {
      const bytes = Buffer.from(good)
      for (const [at, byte] of edits) bytes[at] = byte
      parseHeader(bytes)
    }),
    { numRuns: 1_000 },
  )
  fc.assert(fc.property(fc.uint8Array(), (any) => void parseHeader(any)))
})
