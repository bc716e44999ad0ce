import { expect, test } from 'vitest'

import { latestOnly, matching, parseInventorySearch } from './inventory-view.ts'

test('what is not in the last snapshot of its machine is gone', () => {
  const rows = [
    { Computer: 'a', TimeGenerated: '2026-01-01T00:00:00Z', SoftwareName: 'old' },
    { Computer: 'a', TimeGenerated: '2026-01-02T00:00:00Z', SoftwareName: 'new' },
    { Computer: 'b', TimeGenerated: '2026-01-01T00:00:00Z', SoftwareName: 'kept' },
  ]
  expect(latestOnly(rows).map((row) => row.SoftwareName)).toEqual(['new', 'kept'])
})

test('text is looked for in names, versions and publishers, whatever its case', () => {
  const rows = [
    { Computer: 'a', SoftwareName: 'OpenSSL', CurrentVersion: '3' },
    { Computer: 'b', SoftwareName: 'bash', Publisher: 'openssl team' },
  ]
  expect(matching(rows, { text: 'openssl' })).toHaveLength(2)
  expect(matching(rows, { text: 'openssl', machine: 'b' })).toHaveLength(1)
})

test('the address is read, and what cannot be understood is left out', () => {
  expect(parseInventorySearch({ tab: 'files', machine: 'a', text: '', more: 1, item: {} })).toEqual({
    tab: 'files',
    machine: 'a',
  })
  expect(parseInventorySearch({ tab: 'nope' })).toEqual({})
})
