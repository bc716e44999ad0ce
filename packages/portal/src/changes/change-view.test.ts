import { expect, test } from 'vitest'

import { changeQuery, changeSummary, parseChangeSearch, propertiesOf } from './change-view.ts'

test('the address is read, and what cannot be understood is left out', () => {
  expect(parseChangeSearch({ span: '7d', from: 5, to: 3, type: 'Files', text: '' })).toEqual({
    span: '7d',
    type: 'Files',
  })
  expect(parseChangeSearch({ span: 'x', from: '5', to: 9 })).toEqual({ from: 5, to: 9 })
})

test('what people write is quoted in the query', () => {
  const text = changeQuery({ machine: 'a" | take 1 //', text: '\\' }, 0)
  expect(text).toContain('| where Computer == "a\\" | take 1 //"')
  expect(text).toContain('FileSystemPath contains "\\\\"')
})

test('a software change tells its versions, a file change its fields', () => {
  expect(changeSummary({ Previous: '1', Current: '2', FieldsChanged: 'CurrentVersion' })).toBe('1 → 2')
  expect(changeSummary({ Previous: '', Current: '2' })).toBe('(none) → 2')
  expect(changeSummary({ Previous: '', Current: '', FieldsChanged: 'Size' })).toBe('Size')
})

test('properties are sorted into changed and unchanged', () => {
  const { changed, unchanged } = propertiesOf({
    ConfigChangeType: 'Files',
    ChangeCategory: 'Modified',
    FileSystemPath: '/etc/a',
    Size: 5,
    PreviousSize: 3,
    FileMode: '0644',
    PreviousFileMode: '0644',
    RecordId: 'x',
  })
  expect(changed).toEqual([{ name: 'Size', before: '3', after: '5' }])
  expect(unchanged).toEqual([
    { name: 'FileSystemPath', before: '/etc/a', after: '/etc/a' },
    { name: 'FileMode', before: '0644', after: '0644' },
  ])
  const software = propertiesOf({
    ConfigChangeType: 'Software',
    ChangeCategory: 'Modified',
    Previous: '1',
    Current: '2',
  })
  expect(software.changed).toEqual([{ name: 'Version', before: '1', after: '2' }])
  const daemon = propertiesOf({
    ConfigChangeType: 'Daemons',
    ChangeCategory: 'Modified',
    SvcState: 'Dead',
    SvcPreviousState: 'Running',
  })
  expect(daemon.changed).toEqual([{ name: 'SvcState', before: 'Running', after: 'Dead' }])
})
