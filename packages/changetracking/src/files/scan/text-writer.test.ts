import fc from 'fast-check'
import { expect, test } from 'vitest'

import { TextWriter } from './text-writer.ts'

type Piece = string | number | Uint8Array

test('what is written is what the pieces say, however much it is', () => {
  const bytes = fc.string({ unit: 'binary' }).map((text) => new Uint8Array(Buffer.from(text)))
  const piece: fc.Arbitrary<Piece> = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.maxSafeNat(), bytes)
  const writer = new TextWriter()
  fc.assert(
    fc.property(fc.array(piece), fc.integer({ min: 0, max: 200_000 }), (pieces, filler) => {
      writer.clear()
      writer.text('x'.repeat(filler))
      for (const each of pieces)
        if (typeof each === 'string') writer.text(each)
        else if (typeof each === 'number') writer.number(each)
        else writer.bytes(each)
      const expected = pieces.map((each) => (each instanceof Uint8Array ? Buffer.from(each).toString() : String(each)))
      const all = Buffer.from('x'.repeat(filler) + expected.map((each) => each.toWellFormed()).join(''))
      expect(Buffer.from(writer.taken()).equals(all)).toBe(true)
      expect(writer.toString()).toBe(all.toString())
      expect(writer.end).toBe(all.length)
    }),
    { numRuns: 50 },
  )
})

test('numbers are filled with zeros in front', () => {
  const writer = new TextWriter()
  writer.number(7, 10)
  writer.number(0)
  writer.number(2 ** 53)
  expect(writer.toString()).toBe(`000000000709007199254740992`)
})
