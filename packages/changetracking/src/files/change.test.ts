import { expect, test } from 'vitest'

import type { ItemColumns } from '../collector.ts'
import { fileChange, renameChange } from './change.ts'

const file = (columns: ItemColumns): ItemColumns => ({
  FileSystemPath: '/a',
  Name: 'a',
  ItemType: 'File',
  FileContentChecksum: '1',
  Size: 1,
  ...columns,
})

test.each([
  { name: 'content', columns: { FileContentChecksum: '2', Size: 2 }, fields: 'FileContentChecksum, Size' },
  { name: 'a touch', columns: { DateModified: '2026-01-01T00:00:00.0000000Z' }, fields: 'DateModified' },
  { name: 'a new file in its place', columns: { Inode: '2', DateCreated: 'x' }, fields: 'DateCreated, Inode' },
  { name: 'a list of rights', columns: { Acls: 'user:u:r--' }, fields: 'Acls' },
  { name: 'mode and owner', columns: { FileMode: '0600', FileOwner: 'u' }, fields: 'FileMode, FileOwner' },
  { name: 'a link in its place', columns: { ItemType: 'Link', LinkTarget: 'b' }, fields: 'ItemType, LinkTarget' },
])('$name is told by the names of its columns', ({ columns, fields }) => {
  expect(fileChange(file({}), file(columns))).toMatchObject({ ChangeCategory: 'Modified', FieldsChanged: fields })
})

test('what came, and what went, is told with what it is or was', () => {
  expect(fileChange(undefined, file({}))).toMatchObject({ ChangeCategory: 'Added', FileSystemPath: '/a', Size: 1 })
  const removed = fileChange(file({}), undefined)
  expect(removed).toMatchObject({ ChangeCategory: 'Removed', FileSystemPath: '/a', PreviousSize: 1 })
  expect(removed).not.toHaveProperty('Size')
})

test('a change of nothing that counts is none', () => {
  expect(fileChange(file({}), file({ FileContentBlobLink: '/v1/contents/1' }))).toBeUndefined()
  const folder = { ItemType: 'Directory' }
  expect(fileChange(file(folder), file({ ...folder, DateModified: 'x', DateChanged: 'x' }))).toBeUndefined()
})

test('checksums that were made in two ways are not compared', () => {
  const [before, after] = [file({}), file({ FileContentChecksum: '2' })]
  expect(fileChange(before, after, { isContentCompared: false })).toBeUndefined()
  expect(fileChange(before, after)).toMatchObject({ FieldsChanged: 'FileContentChecksum' })
})

test('a new name is one change, with both names and what else differs', () => {
  const columns = renameChange(file({}), file({ FileSystemPath: '/b/a', DateChanged: 'x' }))
  expect(columns).toMatchObject({
    ChangeCategory: 'Modified',
    FieldsChanged: 'FileSystemPath, DateChanged',
    FileSystemPath: '/b/a',
    PreviousFileSystemPath: '/a',
    PreviousName: 'a',
  })
})
