import fc from 'fast-check'
import { expect, test } from 'vitest'

import { columnsOf, decodeRecord, encodeRecord } from './record.ts'
import {
  factsOfStamp,
  fileIdentity,
  fillStamp,
  isSameWrite,
  methodOf,
  methods,
  setMethod,
  sizeOfStamp,
  STAMP_BYTES,
} from './stamp.ts'

const stamp = fc.uint8Array({ minLength: STAMP_BYTES, maxLength: STAMP_BYTES }).map((bytes) => Buffer.from(bytes))
const path = fc.array(fc.integer({ min: 1, max: 255 })).map((bytes) => `/${Buffer.from(bytes).toString('latin1')}`)
const attributes = fc.record({
  Acls: fc.string(),
  SecurityLabel: fc.string(),
  Capabilities: fc.string(),
  Xattrs: fc.string(),
})
const record = fc.record(
  {
    checksum: fc.string({ unit: fc.constantFrom(...'0123456789abcdef') }),
    owner: fc.string(),
    group: fc.string(),
    linkTarget: fc.string(),
    contentSha256: fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 64, maxLength: 64 }),
    attributes,
  },
  { requiredKeys: ['checksum', 'owner', 'group'] },
)

test('a record comes back as it was, whatever path and stamp', () => {
  fc.assert(
    fc.property(path, stamp, record, (where, of, what) => {
      expect(decodeRecord(encodeRecord(where, of, what))).toEqual(what)
    }),
  )
})

test('no text makes reading throw', () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void decodeRecord(text)))
  expect(decodeRecord('{"Owner":1}')).toBeUndefined()
})

test('any bytes are facts, and columns', () => {
  fc.assert(
    fc.property(path, stamp, record, (where, of, what) => {
      expect(factsOfStamp(of).modifiedAt).toMatch(/^[-+\d]+T[\d:]+\.\d{7}Z$/)
      expect(columnsOf(where, of, what).FileMode).toMatch(/^[0-7]{4}$/)
    }),
  )
})

test('of a status everything stands in the stamp at its place', () => {
  const status = Buffer.alloc(256, 0xff)
  status.writeUInt32LE(0x10 | 0x1000, 8)
  status.writeBigUInt64LE(5n, 32)
  status.writeBigUInt64LE(2n ** 40n + 1n, 40)
  const into = Buffer.alloc(STAMP_BYTES, 0xaa)
  fillStamp(status, into)
  expect(factsOfStamp(into)).toMatchObject({ inode: '5', sizeBytes: 2 ** 40 + 1, attributes: 0x10 })
  expect([into.subarray(0, 4).toString('hex'), into.subarray(104).toString('hex')]).toEqual([
    '00000000',
    '0'.repeat(16),
  ])
})

test('a method and flags leave everything else as it is', () => {
  fc.assert(
    fc.property(stamp, fc.constantFrom(...methods), fc.integer({ min: 0, max: 3 }), (of, method, flags) => {
      const before = Buffer.from(of)
      setMethod(of, method, flags)
      expect([methodOf(of), of[1], of.subarray(2).equals(before.subarray(2))]).toEqual([method, flags, true])
      expect([fileIdentity(of), isSameWrite(of, before), sizeOfStamp(of)]).toEqual([
        fileIdentity(before),
        true,
        sizeOfStamp(before),
      ])
    }),
  )
})
