import fc from 'fast-check'
import { expect, test } from 'vitest'

import { CHUNK_BYTES_MAX, CHUNK_ROWS_MAX, chunksOf } from './chunks.ts'

test('every row is in one chunk of its stream, in its order, and no chunk is too large', () => {
  const row = fc.record({
    Name: fc.string(),
    Text: fc.integer({ min: 0, max: 700_000 }).map((length) => 'é'.repeat(length)),
  })
  const streams = fc.dictionary(fc.constantFrom('a', 'b'), fc.array(row, { maxLength: 6 }))
  fc.assert(
    fc.property(streams, (rows) => {
      const chunks = chunksOf(new Map(Object.entries(rows)))
      for (const [stream, expected] of Object.entries(rows))
        expect(chunks.filter((chunk) => chunk.stream === stream).flatMap((chunk) => chunk.rows)).toEqual(expected)
      for (const chunk of chunks) {
        const bytes = chunk.rows.map((one) => Buffer.byteLength(JSON.stringify(one))).reduce((sum, one) => sum + one)
        expect(chunk.rows.length === 1 || bytes <= CHUNK_BYTES_MAX).toBe(true)
      }
    }),
    { numRuns: 30 },
  )
})

test('a chunk is full at its count of rows, and each has an id of 128 bits of its own', () => {
  const rows = Array.from({ length: 2 * CHUNK_ROWS_MAX + 1 }, (_, number) => ({ number }))
  const chunks = chunksOf(new Map([['a', rows]]))
  expect(chunks.map((chunk) => chunk.rows.length)).toEqual([CHUNK_ROWS_MAX, CHUNK_ROWS_MAX, 1])
  expect(new Set(chunks.map(({ chunk }) => chunk)).size).toBe(3)
  expect(Buffer.from(chunks[0]?.chunk ?? '', 'base64')).toHaveLength(16)
})
