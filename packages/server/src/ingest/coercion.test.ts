// Goal: whatever a machine sends, its row can be stored and none of its values is lost.
// Method: rows for the conversions; random JSON for totality, checked against the column's type. The real store takes
// the same random rows in clickhouse/chdb.test.ts. Mutants that these found: `{}[text]` for bool (takes "constructor"),
// a plain object for additional fields (loses "__proto__"), half surrogates passed on.
import { tableNames, tables } from '@tidemark/model'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { coerced, storedRow } from './coercion.ts'

const additionalOf = ({ AdditionalFields: text = '{}' }: Record<string, unknown>): object =>
  typeof text === 'string' ? (JSON.parse(text) as object) : {}

const stamp = {
  workspaceId: 'workspace',
  resourceId: '/subscriptions/sub/resourceGroups/g/providers/p/t/machine',
  receivedAt: '2026-01-02T03:04:05.678Z',
}

describe('a value takes the type of its column', () => {
  test.each([
    ['string', 7, '7'],
    ['string', true, 'true'],
    ['string', { a: 1 }, undefined],
    ['string', 'half \ud800 pair', 'half \ufffd pair'],
    ['long', '42', 42],
    ['long', 1.5, undefined],
    ['long', '', undefined],
    ['long', 2 ** 60, undefined],
    ['real', '1.5', 1.5],
    ['real', '1e999', undefined],
    ['bool', 'False', false],
    ['bool', 'constructor', undefined],
    ['bool', 1, undefined],
    ['datetime', '2024-02-03T04:05:06Z', '2024-02-03T04:05:06.0000000Z'],
    ['datetime', '2024-02-03T04:05:06.123456789Z', '2024-02-03T04:05:06.1234567Z'],
    ['datetime', '2024-02-03 04:05:06.5+02:00', '2024-02-03T02:05:06.5000000Z'],
    ['datetime', '1700-01-01T00:00:00Z', undefined],
    ['datetime', 1_700_000_000, undefined],
    ['dynamic', ['a'], '["a"]'],
    ['dynamic', '{"a":1}', '{"a":1}'],
    ['dynamic', 'no json', '"no json"'],
  ] as const)('%s: %j becomes %j', (type, value, expected) => {
    expect(coerced(value, type)).toEqual(expected)
  })

  test('a time is the same moment, however many digits it has', () => {
    const moment = fc.date({ min: new Date('1900-01-01'), max: new Date('2199-12-31'), noInvalidDate: true })
    fc.assert(
      fc.property(moment, fc.constantFrom('T', ' '), fc.stringMatching(/^\d{0,7}$/), (date, middle, digits) => {
        const [day = '', time = ''] = date.toISOString().slice(0, 19).split('T')
        const text = `${day}${middle}${time}${digits === '' ? '' : `.${digits}`}Z`
        expect(coerced(text, 'datetime')).toBe(`${day}T${time}.${digits.padEnd(7, '0')}Z`)
      }),
    )
  })

  test('whatever comes, what is stored has the type of the column', () => {
    const expected = { string: 'string', long: 'number', real: 'number', bool: 'boolean', dynamic: 'string' } as const
    const types = fc.constantFrom(...(['string', 'long', 'real', 'bool', 'dynamic'] as const))
    fc.assert(
      fc.property(types, fc.jsonValue(), (type, value) => {
        const cell = coerced(value, type)
        if (cell !== undefined) expect(typeof cell).toBe(expected[type])
        if (type === 'dynamic' && cell !== undefined) expect(() => JSON.parse(String(cell))).not.toThrow()
      }),
    )
  })
})

describe('a row', () => {
  test('says who sent it by the token, not by its own words', () => {
    const row = storedRow('ConfigurationChange', { TenantId: 'other', _ResourceId: 'other', Type: 'other' }, stamp)
    expect(row).toEqual({
      TimeGenerated: stamp.receivedAt,
      TenantId: 'workspace',
      Type: 'ConfigurationChange',
      _ResourceId: stamp.resourceId,
      _SubscriptionId: 'sub',
      _TimeReceived: stamp.receivedAt,
      SourceSystem: 'Linux',
    })
  })

  test('keeps a cell that its column cannot hold, and one that has no column, by name', () => {
    const row = storedRow('ConfigurationChange', { Size: 'large', Colour: 'blue', Name: 'ok', Hive: null }, stamp)
    expect(row).toMatchObject({ Name: 'ok', AdditionalFields: '{"Size":"large","Colour":"blue"}' })
    expect(row).not.toHaveProperty('Size')
  })

  test('keeps a time that is none and takes the time of arrival in its place', () => {
    const row = storedRow('Heartbeat', { TimeGenerated: 'yesterday' }, stamp)
    expect(row).toMatchObject({
      TimeGenerated: stamp.receivedAt,
      AdditionalFields: '{"TimeGenerated":"yesterday"}',
    })
  })

  test.each([
    [{ a: 1 }, '{"a":1,"Colour":"blue"}'],
    ['{"a":1}', '{"a":1,"Colour":"blue"}'],
    ['words', '{"AdditionalFields":"words","Colour":"blue"}'],
    [[1], '{"AdditionalFields":[1],"Colour":"blue"}'],
    [null, '{"Colour":"blue"}'],
  ])('joins the sender’s own AdditionalFields %j with ours', (own, expected) => {
    const row = storedRow('ConfigurationChange', { AdditionalFields: own, Colour: 'blue' }, stamp)
    expect(row['AdditionalFields']).toBe(expected)
  })

  test('loses no value, whatever its name', () => {
    const name = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'Size', 'DateCreated', 'Name'))
    const rows = fc.array(fc.tuple(name, fc.jsonValue()))
    fc.assert(
      fc.property(fc.constantFrom(...tableNames), rows, (table, fields) => {
        const row = JSON.parse(JSON.stringify(Object.fromEntries(fields))) as Record<string, unknown>
        const columns = new Set(tables[table].columns.map((column) => column.name))
        const stored = storedRow(table, row, stamp)
        const additional = additionalOf(stored)
        expect(Object.keys(stored).filter((one) => !columns.has(one))).toEqual([])
        for (const [key, value] of Object.entries(row))
          if (value !== null)
            expect(Object.hasOwn(stored, key) || Object.hasOwn(additional, key.toWellFormed())).toBe(true)
      }),
    )
  })
})
