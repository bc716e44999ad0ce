import { expect, test } from 'vitest'

import {
  inventoryQuery,
  keyOf,
  machinesQuery,
  nameIn,
  parseInventorySearch,
  propertiesQuery,
} from './inventory-view.ts'

test('the address is read, and what cannot be understood is left out', () => {
  expect(parseInventorySearch({ tab: 'files', machine: 'a', text: '', more: 1, item: {} })).toEqual({
    tab: 'files',
    machine: ['a'],
  })
  expect(parseInventorySearch({ tab: 'nope', by: 'colour', sort: 'Size' })).toEqual({})
  expect(parseInventorySearch({ tab: 'files', by: 'machine', sort: '-Size' })).toEqual({
    tab: 'files',
    by: 'machine',
    sort: '-Size',
  })
})

test('what people write, and what machines are called, is quoted', () => {
  const text = inventoryQuery('software', { machine: ['a"b'], text: 'x" or 1==1' })
  expect(text).toContain('where Computer in ("a\\"b")')
  expect(text).toContain('SoftwareName contains "x\\" or 1==1"')
  expect(machinesQuery('daemons', 'a"')).toContain('where SvcName == "a\\""')
})

test('a key tells name and variant, also of a name with a line feed', () => {
  const row = { SvcName: 'a\nb', SvcState: 'Running', SvcStartupType: 'Enabled' }
  const key = keyOf('daemons', row)
  expect(nameIn('daemons', key)).toBe('a\nb')
  expect(propertiesQuery('daemons', key, 'm')).toContain(
    'where SvcName == "a\\u000ab"\n| where SvcState == "Running"\n| where SvcStartupType == "Enabled"\n| where Computer == "m"',
  )
})
