import { expect, test } from 'vitest'

import { changedWords, changeSummary, propertiesOf, renamedFrom } from './properties.ts'

test('a software change tells its versions, a file change its fields', () => {
  expect(changeSummary({ Previous: '1', Current: '2', FieldsChanged: 'CurrentVersion' })).toBe('1 → 2')
  expect(changeSummary({ Previous: '', Current: '2' })).toBe('2')
  expect(changeSummary({ Previous: '', Current: '', FieldsChanged: 'FileContentChecksum, SvcStartupType, Size' })).toBe(
    'content, startup type, size',
  )
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
    PreviousFileSystemPath: '',
    RecordId: 'x',
  })
  expect(changed).toEqual([{ name: 'Size', before: '3', after: '5' }])
  expect(unchanged).toEqual([
    { name: 'FileSystemPath', before: '/etc/a', after: '/etc/a' },
    { name: 'FileMode', before: '0644 (rw-r--r--)', after: '0644 (rw-r--r--)' },
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

test('the size of a package, which has no size before, did not change', () => {
  const base = { ConfigChangeType: 'Software', Size: 5, PreviousSize: null, Previous: '1' }
  const modified = { ...base, ChangeCategory: 'Modified', FieldsChanged: 'CurrentVersion', Current: '2' }
  for (const row of [modified, { ...base, ChangeCategory: 'Removed', Current: '' }]) {
    const { changed, unchanged } = propertiesOf(row)
    expect(changed.map(({ name }) => name)).toEqual(['Version'])
    expect(unchanged).toEqual([{ name: 'Size', before: '5', after: '5' }])
  }
})

test('what was added was nothing before, what was removed is nothing after', () => {
  const pair = { FileMode: '0644', PreviousFileMode: null, ConfigChangeType: 'Files', FileSystemPath: '/etc/a' }
  expect(propertiesOf({ ...pair, ChangeCategory: 'Added' }).changed).toEqual([
    { name: 'FileMode', before: '', after: '0644 (rw-r--r--)' },
  ])
  expect(
    propertiesOf({ ...pair, FileMode: null, PreviousFileMode: '0600', ChangeCategory: 'Removed' }).changed,
  ).toEqual([{ name: 'FileMode', before: '0600 (rw-------)', after: '' }])
})

test('a rename tells where the file was', () => {
  const row = {
    ConfigChangeType: 'Files',
    ChangeCategory: 'Modified',
    FileSystemPath: '/etc/new',
    PreviousFileSystemPath: '/etc/old',
    FieldsChanged: 'FileSystemPath, Name, DateChanged',
    Name: 'new',
    PreviousName: 'old',
    Inode: '7',
    PreviousInode: '7',
  }
  expect(renamedFrom(row)).toBe('/etc/old')
  expect(changedWords(row)).toEqual(['renamed', 'status last changed'])
  expect(changeSummary(row)).toBe('renamed from /etc/old, status last changed')
  expect(propertiesOf(row).changed).toEqual([
    { name: 'FileSystemPath', before: '/etc/old', after: '/etc/new' },
    { name: 'Name', before: 'old', after: 'new' },
  ])
  expect(renamedFrom({ ...row, PreviousFileSystemPath: '' })).toBe('')
  expect(renamedFrom({ ...row, ChangeCategory: 'Added' })).toBe('')
})

test('who did it and the links to contents are no properties of the file', () => {
  const row = { InitiatingProcessId: 5, TimeObserved: '2026-01-01T00:00:00Z', FileContentBlobLink: '/v1/contents/x' }
  expect(propertiesOf({ ...row, PreviousFileContentBlobLink: '/v1/contents/y' })).toEqual({
    changed: [],
    unchanged: [],
  })
})
