import { expect, test } from 'vitest'

import { exactTimeText, parsedJson, valueText } from './values.ts'

test.each([
  ['Size', 900, '900'],
  ['Size', 20_480, '20480 (20 KiB)'],
  ['FileMode', '0644', '0644 (rw-r--r--)'],
  ['FileMode', '4755', '4755 (rwsr-xr-x)'],
  ['FileMode', '2640', '2640 (rw-r-S---)'],
  ['FileMode', '1777', '1777 (rwxrwxrwt)'],
  ['FileMode', 'rw', 'rw'],
  ['Xattrs', '{"user.note":"a","user.more":["b"]}', 'user.note = a\nuser.more = ["b"]'],
  ['Acls', 'user::rw-,user:alice:r--,group::r--', 'user::rw-\nuser:alice:r--\ngroup::r--'],
  ['Xattrs', '["a"]', '["a"]'],
  ['Xattrs', '{', '{'],
  ['Xattrs', null, ''],
  ['DateChanged', 'never', 'never'],
  ['Inode', '5', '5'],
])('%s %j is read as %j', (column, cell, text) => {
  expect(valueText(column, cell)).toBe(text)
})

test('times keep what is below a second, for two writes within one are two', () => {
  expect(exactTimeText('2026-01-02T03:04:05.1200000Z')).toMatch(/:05\.12$/)
  expect(exactTimeText('2026-01-02T03:04:05.0000000Z')).toMatch(/:05$/)
  expect(exactTimeText('2026-01-02T03:04:05Z')).toMatch(/:05$/)
  expect(exactTimeText(null)).toBe('')
})

test('what is no JSON has no value', () => {
  expect([parsedJson('[1]'), parsedJson('')]).toEqual([[1], undefined])
})
