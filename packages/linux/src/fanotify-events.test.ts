import fc from 'fast-check'
import { expect, test } from 'vitest'

import { type FanotifyEvent, happened, parseFanotifyEvents } from './fanotify-events.ts'

// Tried and found: a name that begins at the handle's header; a pidfd read from a record of another type; the length of an
// event taken for that of its first record; no check of the handle's length (throws on random bytes).

const byte = fc.integer({ min: 0, max: 255 })
const latin1 = (min: number, max: number, least = 0): fc.Arbitrary<string> =>
  fc
    .array(fc.integer({ min: least, max: 255 }), { minLength: min, maxLength: max })
    .map((bytes) => Buffer.from(bytes).toString('latin1'))
const event: fc.Arbitrary<FanotifyEvent> = fc.record({
  mask: fc.integer({ min: 0, max: 0x7fff_ffff }),
  pid: fc.integer({ min: 0, max: 4_194_304 }),
  pidfd: fc.integer({ min: -2, max: 1_024 }),
  descriptor: fc.integer({ min: -1, max: 1_024 }),
  directory: fc.tuple(latin1(8, 8), latin1(0, 20)).map(([fsid, handle]) => `${fsid}${handleOf(handle)}`),
  name: latin1(1, 30, 1),
})

test('what the kernel writes is read back, event by event', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 20 }), (events) => {
      expect(parseFanotifyEvents(Buffer.concat(events.map(written)))).toEqual(events)
    }),
  )
})

test('a buffer cut anywhere gives a prefix of the events', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 4 }), fc.nat(400), (events, cut) => {
      const bytes = Buffer.concat(events.map(written))
      const parsed = parseFanotifyEvents(bytes.subarray(0, Math.min(cut, bytes.length)))
      expect(parsed).toEqual(events.slice(0, parsed.length))
    }),
  )
})

test('no bytes make it throw', () => {
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 300 }), (bytes) => {
      parseFanotifyEvents(Buffer.from(bytes))
    }),
  )
  // A whole event around bytes that are none reaches the records.
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 100 }), (info) => {
      expect(parseFanotifyEvents(withInfo(Buffer.from(info), { mask: 2, descriptor: -1, pid: 1 }))).toHaveLength(1)
    }),
  )
})

test('an overflow has neither directory nor process', () => {
  const overflow = withInfo(Buffer.alloc(0), { mask: happened.overflow, descriptor: -1, pid: 0 })
  expect(parseFanotifyEvents(overflow)).toEqual([
    { mask: happened.overflow, pid: 0, pidfd: -2, descriptor: -1, directory: '', name: '' },
  ])
})

function handleOf(bytes: string): string {
  const header = Buffer.alloc(8)
  header.writeUInt32LE(bytes.length)
  header.writeInt32LE(1, 4)
  return `${header.toString('latin1')}${bytes}`
}

function written(each: FanotifyEvent): Buffer {
  const named = Buffer.from(`${each.directory}${each.name}\0\0`, 'latin1')
  const pidfd = Buffer.alloc(4)
  pidfd.writeInt32LE(each.pidfd)
  return withInfo(Buffer.concat([record(2, named), record(4, pidfd)]), each)
}

function record(type: number, body: Buffer): Buffer {
  const header = Buffer.from([type, 0, 0, 0])
  header.writeUInt16LE(4 + body.length, 2)
  return Buffer.concat([header, body])
}

function withInfo(info: Buffer, each: Pick<FanotifyEvent, 'mask' | 'descriptor' | 'pid'>): Buffer {
  const metadata = Buffer.alloc(24)
  metadata.writeUInt32LE(24 + info.length)
  metadata[4] = 3
  metadata.writeUInt16LE(24, 6)
  metadata.writeUInt32LE(each.mask, 8)
  metadata.writeInt32LE(each.descriptor, 16)
  metadata.writeInt32LE(each.pid, 20)
  return Buffer.concat([metadata, info])
}
