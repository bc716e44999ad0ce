import { expect, test } from 'vitest'

import { HISTORY_MAX, parseLogsSearch, remembered, renderOf } from './logs-view.ts'

test.each([
  ['T | summarize count() by A | render barchart', 'barchart'],
  ['T\n| render TimeChart with (title="a | b")', 'timechart'],
  ['T | where A == "| render piechart"', undefined],
  ['T | take 5 // | render piechart', undefined],
  ['T | render table', undefined],
  ['T', undefined],
])('%s asks for %s', (query, kind) => {
  expect(renderOf(query)).toBe(kind)
})

test('the address is read, and what cannot be understood is left out', () => {
  expect(parseLogsSearch({ query: 'T', span: '7d', row: '3' })).toEqual({ query: 'T', span: '7d', row: 3 })
  expect(parseLogsSearch({ query: '', span: '2y', row: '-1' })).toEqual({})
})

test('the history has each query once, the newest first, and not too many', () => {
  expect(remembered(['a', 'b'], 'b')).toEqual(['b', 'a'])
  const many = Array.from({ length: HISTORY_MAX }, (_, index) => String(index))
  expect(remembered(many, 'new')).toHaveLength(HISTORY_MAX)
})
