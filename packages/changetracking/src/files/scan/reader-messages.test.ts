import fc from 'fast-check'
import { expect, test } from 'vitest'

import type { ReadAnswer, ReadOrder } from './read-file.ts'
import { decodeAnswers, decodeOrders, encodeAnswers, encodeOrders } from './reader-messages.ts'
import { STAMP_BYTES } from './stamp.ts'

const bytes = (more: fc.IntArrayConstraints): fc.Arbitrary<Buffer> =>
  fc.uint8Array(more).map((array) => Buffer.from(array))
const stamp = bytes({ minLength: STAMP_BYTES, maxLength: STAMP_BYTES })
const path = fc.string({ unit: 'binary-ascii' }).map((text) => `/${text}\xff`)

const order: fc.Arbitrary<ReadOrder> = fc.record({
  path,
  isFollowed: fc.boolean(),
  stamp,
  method: fc.constantFrom(undefined, 'sha256' as const, 'md5' as const),
  contentBytesMax: fc.option(fc.nat({ max: 2 ** 31 - 1 }), { nil: undefined }),
  isTextWanted: fc.boolean(),
})

const content = fc.record({ sha256: fc.string(), sizeBytes: fc.nat(), compressed: bytes({}) })
const answer: fc.Arbitrary<ReadAnswer> = fc
  .record({
    error: fc.integer({ min: -130, max: 0 }),
    stamp,
    isFresh: fc.boolean(),
    digest: fc.string(),
    attributes: fc.array(fc.tuple(fc.string(), bytes({}))),
    content: fc.option(content, { nil: undefined }),
    text: fc.option(bytes({ minLength: 1 }), { nil: undefined }),
  })
  .map(({ content: one, text, ...rest }) => ({ ...rest, ...(one && { content: one }), ...(text && { text }) }))

test('orders come out of their message as they went in', () => {
  fc.assert(
    fc.property(fc.array(order), (orders) => {
      expect(decodeOrders(structuredClone(encodeOrders(orders)))).toEqual(orders)
    }),
  )
})

test('answers come out of their message as they went in', () => {
  fc.assert(
    fc.property(fc.array(answer), (answers) => {
      const back = decodeAnswers(structuredClone(encodeAnswers(answers)))
      expect(back.map(plain)).toEqual(answers.map(plain))
    }),
  )
})

/** A Buffer and a plain array of the same bytes are the same thing here. */
function plain({ text, content: one, ...rest }: ReadAnswer): unknown {
  return { ...rest, text: text && [...text], content: one && { ...one, compressed: [...one.compressed] } }
}
