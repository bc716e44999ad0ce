import { readFileSync } from 'node:fs'

import { tableNames, tables } from '@tidemark/model'
import { expect, test } from 'vitest'

import { storedType } from './layout.ts'

test.each([
  [{ name: 'TimeGenerated', type: 'datetime' }, "DateTime64(7, 'UTC')"],
  [{ name: 'DateCreated', type: 'datetime' }, "Nullable(DateTime64(7, 'UTC'))"],
  [{ name: 'Size', type: 'long' }, 'Nullable(Int64)'],
  [{ name: '_BilledSize', type: 'real' }, 'Nullable(Float64)'],
  [{ name: 'IsGatewayInstalled', type: 'bool' }, 'Nullable(Bool)'],
  [{ name: 'RuleNames', type: 'dynamic' }, 'String'],
  [{ name: 'Name', type: 'string' }, 'String'],
  [{ name: 'Computer', type: 'string' }, 'LowCardinality(String)'],
] as const)('%j is kept as %s', (column, expected) => {
  expect(storedType({ ...column, origin: 'azure' })).toBe(expected)
})

test('docs/formats/tables.md tells every column and its type in the store', () => {
  const text = readFileSync(new URL('../../../../docs/formats/tables.md', import.meta.url), 'utf8')
  for (const name of tableNames) {
    const chapter = text.split(`\n## ${name}\n`)[1]?.split('\n## ')[0] ?? ''
    const told = [...chapter.matchAll(/^\| `(\w+)` +\| (\w+) +\| `(.+)` +\|$/gm)].map((row) => row.slice(1))
    expect(told).toEqual(tables[name].columns.map((column) => [column.name, column.type, storedType(column)]))
  }
})
