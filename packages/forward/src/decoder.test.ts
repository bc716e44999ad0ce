// Goal: the same bytes mean the same, however they are cut, and no bytes do harm.
// Mutants tried and caught: `#skip` not reduced across pieces; map lengths not doubled; ext length without its type byte;
// pieces kept without copying; `[time, metadata]` read as Forward mode; the frame limit checked only at a frame's end.
import fc from 'fast-check'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'

import { encodeValue } from './codec.ts'
import { ForwardDecoder } from './decoder.ts'
import { encodeMessage, encodeRequest, type ForwardMode } from './encoder.ts'
import { forwardLimits } from './limits.ts'
import type { ForwardEvent, ForwardMessage } from './message.ts'

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'))
const decode = (bytes: Uint8Array, limits = forwardLimits): ForwardEvent[] => new ForwardDecoder(limits).push(bytes)

const modes: ForwardMode[] = ['Message', 'Forward', 'PackedForward', 'CompressedPackedForward']
const cell = fc.oneof(fc.string(), fc.boolean(), fc.integer(), fc.double({ noNaN: true, noInteger: true }))
const message: fc.Arbitrary<ForwardMessage> = fc.record(
  {
    tag: fc.string(),
    entries: fc.array(
      fc.record({
        time: fc.record({ seconds: fc.nat(), nanoseconds: fc.nat(999_999_999) }),
        record: fc.dictionary(
          fc.string().filter((key) => key !== '__proto__'),
          cell,
          { noNullPrototype: true },
        ),
      }),
      { minLength: 1, maxLength: 4 },
    ),
    chunk: fc.base64String({ minLength: 4 }),
  },
  { requiredKeys: ['tag', 'entries'] },
)

test('what is written in any mode is read again, however the bytes are cut', () => {
  fc.assert(
    fc.property(message, fc.constantFrom(...modes), fc.array(fc.nat(300), { maxLength: 20 }), (sent, mode, cuts) => {
      const bytes = encodeMessage(sent, mode)
      const decoder = new ForwardDecoder()
      const events: ForwardEvent[] = []
      const at = [...new Set(cuts.map((cut) => cut % bytes.length))].toSorted((a, b) => a - b)
      for (const [index, from] of [0, ...at].entries()) {
        // A buffer that its owner overwrites afterwards, as node's are.
        const piece = Uint8Array.from(bytes.subarray(from, at[index] ?? bytes.length))
        events.push(...decoder.push(piece))
        piece.fill(0xc1)
      }
      const messages = events.map((event) => (event.kind === 'message' ? event.message : event))
      const expected = mode === 'Message' ? sent.entries.map((entry) => ({ ...sent, entries: [entry] })) : [sent]
      expect(messages).toEqual(expected)
    }),
  )
})

test('random bytes never throw, and every event of them is one of the four kinds', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 60 })), (pieces) => {
      const decoder = new ForwardDecoder({ ...forwardLimits, frameBytesMax: 64 })
      for (const piece of pieces) {
        for (const event of decoder.push(piece))
          expect(['message', 'request', 'heartbeat', 'malformed']).toContain(event.kind)
      }
    }),
    { numRuns: 2_000 },
  )
})

test.each([
  { name: 'str8, as Ruby writes it', bytes: 'd9 03 7b 7d 20' },
  { name: 'str16, as Go writes it', bytes: 'da 00 03 7b 7d 20' },
  { name: 'bin8', bytes: 'c4 03 7b 7d 20' },
  { name: 'bin16', bytes: 'c5 00 03 7b 7d 20' },
])('a request may come as $name', ({ bytes }) => {
  expect(decode(hex(bytes))).toEqual([{ kind: 'request', text: '{} ' }])
})

test.each([
  { name: 'integer seconds', bytes: '93 a1 74 ce 00 00 00 05 80', time: { seconds: 5, nanoseconds: 0 } },
  { name: 'EventTime as d7', bytes: '93 a1 74 d7 00 00000005 00000007 80', time: { seconds: 5, nanoseconds: 7 } },
  { name: 'EventTime as c7', bytes: '93 a1 74 c7 08 00 00000005 00000007 80', time: { seconds: 5, nanoseconds: 7 } },
  {
    name: 'time with metadata',
    bytes: '93 a1 74 92 d7 00 00000005 00000007 80 80',
    time: { seconds: 5, nanoseconds: 7 },
  },
])('a time may come as $name', ({ bytes, time }) => {
  expect(decode(hex(bytes))).toEqual([
    { kind: 'message', bytes: hex(bytes).length, message: { tag: 't', entries: [{ time, record: {} }] } },
  ])
})

test('nil is a heartbeat, and several gzip members are one payload', () => {
  const entry = encodeValue([1, { a: 'b' }])
  const frame = encodeValue(['t', Buffer.concat([gzipSync(entry), gzipSync(entry)]), { compressed: 'gzip' }])
  const events = decode(Buffer.concat([hex('c0'), frame]))
  expect(events.map((event) => event.kind)).toEqual(['heartbeat', 'message'])
  expect(events[1]).toMatchObject({ message: { entries: [{ record: { a: 'b' } }, { record: { a: 'b' } }] } })
})

test('numbers beyond 2^53 stay exact', () => {
  const [event] = decode(encodeValue(['t', [[1, { big: 2n ** 63n, small: -(2n ** 40n) }]]]))
  expect(event).toMatchObject({ message: { entries: [{ record: { big: 2n ** 63n, small: -(2n ** 40n) } }] } })
})

test.each([
  { name: 'a number', bytes: hex('01'), offset: 0, reason: 'neither an array' },
  { name: 'the unused byte', bytes: hex('92 a1 74 c1'), offset: 3, reason: 'never used' },
  { name: 'one element', bytes: hex('91 a1 74'), offset: 0, reason: 'a frame has a tag and entries' },
  { name: 'a tag that is no string', bytes: hex('92 01 90'), offset: 0, reason: 'the tag is no string' },
  { name: 'a record that is no map', bytes: hex('93 a1 74 01 02'), offset: 0, reason: 'the record is no map' },
  { name: 'an entry without a time', bytes: hex('92 a1 74 91 92 a1 78 80'), offset: 0, reason: 'entry 0 has no time' },
  {
    name: 'an unknown compression',
    bytes: encodeValue(['t', Buffer.from(''), { compressed: 'lzma' }]),
    offset: 0,
    reason: 'compression "lzma"',
  },
  {
    name: 'broken gzip',
    bytes: encodeValue(['t', Buffer.from('no gzip at all, only text'), { compressed: 'gzip' }]),
    offset: 0,
    reason: 'incorrect header check',
  },
  { name: 'a short EventTime', bytes: hex('93 a1 74 c7 04 00 00000005 80'), offset: 0, reason: '8 bytes' },
])('$name is malformed, and its place is told', ({ bytes, offset, reason }) => {
  // A good frame stands before it, and nothing behind it is read any more.
  const good = encodeRequest('{}')
  const events = decode(Buffer.concat([good, bytes, good]))
  expect(events).toEqual([
    { kind: 'request', text: '{}' },
    { kind: 'malformed', offset: good.length + offset, reason: expect.stringContaining(reason) },
  ])
})

test('every limit is kept', () => {
  const limits = { ...forwardLimits, frameBytesMax: 2_000, unpackedBytesMax: 10_000, entriesMax: 3, depthMax: 4 }
  const bomb = encodeValue(['t', gzipSync(Buffer.alloc(1_000_000)), { compressed: 'gzip' }])
  const cases = [
    encodeRequest('x'.repeat(2_000)),
    bomb,
    encodeMessage({
      tag: 't',
      entries: Array.from({ length: 4 }, () => ({ time: { seconds: 1, nanoseconds: 0 }, record: {} })),
    }),
    hex('92 a1 74 91 92 01 81 a1 61 91 91 91 01'),
  ]
  expect(cases.map((bytes) => decode(bytes, limits)[0])).toEqual([
    { kind: 'malformed', offset: 0, reason: 'the frame is larger than 2000 bytes' },
    { kind: 'malformed', offset: 0, reason: expect.stringContaining('larger than 10000') },
    { kind: 'malformed', offset: 0, reason: 'more than 3 entries in a frame' },
    { kind: 'malformed', offset: expect.any(Number), reason: 'nested deeper than 4 levels' },
  ])
})
