import { CONTENT_PART_BYTES_MAX, contentRows } from '@tidemark/model'
import { expect, test } from 'vitest'

import { COLUMNS_MAX, rowsOf } from './row-check.ts'

const entry = (record: Readonly<Record<string, unknown>>) => ({ time: { seconds: 0, nanoseconds: 0 }, record })

test('the largest part of a content is a row as any other', () => {
  const rows = contentRows('ab'.repeat(32), Buffer.alloc(2 * CONTENT_PART_BYTES_MAX, 7), { contentSize: 1_000_000 })
  expect(rowsOf(rows.map((row) => entry(row)) as never)).toEqual(rows)
})

test('what is no row is told with its place', () => {
  expect(rowsOf([entry({ a: 1 }), entry({ b: [] })] as never)).toBe(
    'record 1: the column "b" is no text, number or boolean',
  )
  const wide = Object.fromEntries(Array.from({ length: COLUMNS_MAX + 1 }, (_, number) => [`c${number}`, 1]))
  expect(rowsOf([entry(wide)] as never)).toBe(`record 0: ${COLUMNS_MAX + 1} columns; at most ${COLUMNS_MAX}`)
})
