import { Buffer } from 'node:buffer'

import fc from 'fast-check'
import { expect, test } from 'vitest'

import { ChangeTrackingError } from '../../change-tracking-error.ts'
import { BusReader } from './bus-reader.ts'
import { type BusMessage, decodeMessage, encodeMessage, MESSAGE_BYTES_MAX, messageLength } from './message.ts'
import { MessageStream } from './message-stream.ts'
import { type BasicCode, type BusType, parseSignature, signatureOf } from './signature.ts'
import { BusVariant, type BusValue } from './value.ts'

// Goal: what is written is what is read, whatever its types; no bytes hang or crash the reader; what is passed over is passed over
// exactly. Mutants tried: arrays aligned to 4 whatever is in them; padding counted in an array's length; a struct aligned to
// 4; `skip` of texts without the NUL at their end. All were found.

const basics: Readonly<Record<BasicCode, fc.Arbitrary<BusValue>>> = {
  y: fc.integer({ min: 0, max: 255 }),
  b: fc.boolean(),
  n: fc.integer({ min: -32_768, max: 32_767 }),
  q: fc.integer({ min: 0, max: 65_535 }),
  i: fc.integer(),
  u: fc.nat({ max: 0xffff_ffff }),
  x: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  t: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  d: fc.double({ noNaN: true }),
  s: fc.string({ unit: 'grapheme' }),
  o: fc.constant('/a/b'),
  g: fc.constantFrom('', 'a{sv}', 's'),
  h: fc.nat({ max: 10 }),
}
const codes = Object.keys(basics) as BasicCode[]

const { type } = fc.letrec<{ type: BusType }>((tie) => ({
  type: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(...codes).map((code): BusType => ({ kind: 'basic', code })),
    fc.constant<BusType>({ kind: 'variant' }),
    tie('type').map((of): BusType => ({ kind: 'array', of })),
    fc.array(tie('type'), { minLength: 1, maxLength: 3 }).map((fields): BusType => ({ kind: 'struct', fields })),
    fc
      .tuple(fc.constantFrom(...codes), tie('type'))
      .map(([code, value]): BusType => ({ kind: 'array', of: { kind: 'entry', key: { kind: 'basic', code }, value } })),
  ),
}))

function valueFor(of: BusType): fc.Arbitrary<BusValue> {
  switch (of.kind) {
    case 'basic':
      return basics[of.code]
    case 'variant':
      return fc.constantFrom(...codes).chain((code) => basics[code].map((value) => new BusVariant(code, value)))
    case 'array':
      return fc.array(valueFor(of.of), { maxLength: 3 })
    case 'struct':
      return fc.tuple(...of.fields.map(valueFor))
    case 'entry':
      return fc.tuple(valueFor(of.key), valueFor(of.value))
  }
}

const typed = fc
  .array(type, { maxLength: 4 })
  .filter((types) => types.map(signatureOf).join('').length <= 255)
  .chain((types) => fc.tuple(fc.constant(types.map(signatureOf).join('')), fc.tuple(...types.map(valueFor))))
const message = fc.record({
  kind: fc.constantFrom('call', 'answer', 'error', 'signal'),
  serial: fc.integer({ min: 1, max: 0xffff_ffff }),
  path: fc.constant('/org/x'),
  member: fc.string(),
  replyTo: fc.nat(),
}) as fc.Arbitrary<Omit<BusMessage, 'signature'>>

test('what is written is what is read', () => {
  fc.assert(
    fc.property(message, typed, (head, [signature, values]) => {
      const bytes = encodeMessage({ ...head, signature }, values)
      expect(messageLength(bytes)).toBe(bytes.length)
      const read = decodeMessage(bytes)
      expect(read.body()).toEqual(values)
      expect(read).toMatchObject({
        kind: head.kind,
        serial: head.serial,
        path: '/org/x',
        replyTo: head.replyTo,
        signature,
      })
    }),
  )
})

test('what is passed over is passed over exactly', () => {
  fc.assert(
    fc.property(typed, ([signature, values]) => {
      const bytes = encodeMessage({ kind: 'signal', serial: 1, signature }, values)
      const [reader, skipping] = [decodeMessage(bytes).reader(), decodeMessage(bytes).reader()]
      reader.readAll(signature)
      for (const each of parseSignature(signature)) skipping.skip(each)
      expect(skipping.at).toBe(reader.at)
    }),
  )
})

test('of many properties those that are wanted are read', () => {
  const entries = fc.dictionary(
    fc.string({ minLength: 1 }),
    fc
      .tuple(type.filter((each) => signatureOf(each).length < 200))
      .chain(([each]) => valueFor(each).map((value) => new BusVariant(signatureOf(each), value))),
  )
  fc.assert(
    fc.property(entries, fc.nat({ max: 3 }), (all, place) => {
      const wanted = Object.keys(all).filter((_, index) => index % 4 === place)
      const bytes = encodeMessage({ kind: 'answer', serial: 1, signature: 'a{sv}' }, [Object.entries(all)])
      const found = decodeMessage(bytes).reader().readProperties(new Set(wanted))
      expect(found).toEqual(new Map(wanted.map((name) => [name, all[name]?.value ?? ''])))
    }),
  )
})

test('messages are cut from what comes, however it comes in pieces', () => {
  const messages = fc.array(typed, { maxLength: 5 })
  fc.assert(
    fc.property(messages, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (all, sizes) => {
      const bytes = Buffer.concat(
        all.map(([signature, values], index) =>
          encodeMessage({ kind: 'signal', serial: index + 1, signature }, values),
        ),
      )
      const stream = new MessageStream()
      const read: (readonly BusValue[])[] = []
      for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
        const size = sizes[turn % sizes.length] ?? 1
        for (const each of stream.add(bytes.subarray(at, at + size))) read.push(each.body())
        at += size
      }
      expect(read).toEqual(all.map(([, values]) => values))
    }),
  )
})

test('no bytes do worse than to be refused', () => {
  const damaged = fc.tuple(typed, fc.nat(), fc.integer({ min: 0, max: 255 })).map(([[signature, values], at, byte]) => {
    const bytes = encodeMessage({ kind: 'signal', serial: 1, signature }, values)
    bytes[at % bytes.length] = byte
    return bytes
  })
  const any = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes))
  fc.assert(
    fc.property(fc.oneof(damaged, any), (bytes) => {
      try {
        for (const each of new MessageStream().add(bytes)) {
          each.body()
          each.reader().readProperties(new Set(['x']))
        }
      } catch (error) {
        expect(error).toBeInstanceOf(ChangeTrackingError)
      }
    }),
  )
})

test('the other byte order is read', () => {
  // D-Bus specification, "Message Protocol": 'B', a signal, no flags, version 1, body of 4 bytes, serial 2, fields of 15 bytes
  // (member "M", signature "u"), the body 0x01020304.
  const bytes = Buffer.from(
    '42040001000000040000000200000013' +
      '0301730000000001' +
      '4d00000000000000' +
      '08016700' +
      '0175000000000000'.slice(0, 6),
    'hex',
  )
  const padded = Buffer.concat([bytes, Buffer.alloc((8 - (bytes.length % 8)) % 8), Buffer.from('01020304', 'hex')])
  padded.writeUInt32BE(bytes.length - 16, 12)
  expect(decodeMessage(padded)).toMatchObject({ kind: 'signal', serial: 2, member: 'M', signature: 'u' })
  expect(decodeMessage(padded).body()).toEqual([0x0102_0304])
})

test.each([
  ['a{vs}', 'key'],
  ['(', 'too early'],
  ['()', 'empty struct'],
  ['a', 'too early'],
  ['a{s', 'too early'],
  ['a{sss}', 'pair'],
  ['z', 'unknown type'],
  ['a'.repeat(100) + 'y', 'too deep'],
  ['y'.repeat(256), 'too long'],
])('the signature %s is refused', (signature, why) => {
  expect(() => parseSignature(signature)).toThrow(why)
})

test('a message above the limit is refused before it is waited for', () => {
  const head = encodeMessage({ kind: 'signal', serial: 1, signature: '' }, [])
  head.writeUInt32LE(MESSAGE_BYTES_MAX, 4)
  expect(() => messageLength(head)).toThrow(`more than ${MESSAGE_BYTES_MAX}`)
  const array = new BusReader(Buffer.from('ffffffff', 'hex'), { at: 0, isBig: false })
  expect(() => array.readAll('ay')).toThrow('an array has')
})
