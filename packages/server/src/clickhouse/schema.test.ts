import { tables } from '@tidemark/model'
import { expect, test } from 'vitest'

import { schemaStatements, storedType } from './schema.ts'

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

test('every table is made, and gets the columns that it lacks', () => {
  const [database, ...statements] = schemaStatements()
  expect(database).toBe('CREATE DATABASE IF NOT EXISTS tidemark')
  const names = statements.map((statement) => statement.split(' ').slice(0, 6).join(' '))
  for (const name of Object.keys(tables)) {
    expect(names).toContain(`CREATE TABLE IF NOT EXISTS tidemark.\`${name}\``)
    expect(statements.some((statement) => statement.startsWith(`ALTER TABLE tidemark.\`${name}\` ADD COLUMN`))).toBe(
      true,
    )
  }
})
