import { expect, test } from 'vitest'

import { parseRowStorePlace } from './row-store-place.ts'

const placeOf = (text: string, password?: string) => {
  const read = parseRowStorePlace(text, { password })
  return read.kind === 'parsed' ? read.value : undefined
}

test('an address of a cluster is read, and the password comes from elsewhere', () => {
  expect(placeOf('disk')).toBe('disk')
  expect(placeOf('http://a:8123,https://b?cluster=c&quorum=2&username=u', 'secret')).toEqual({
    servers: ['http://a:8123', 'https://b'],
    cluster: 'c',
    quorum: 2,
    username: 'u',
    password: 'secret',
  })
  expect(placeOf('http://a:8123')).toMatchObject({
    cluster: 'tidemark',
    quorum: 'auto',
    username: 'default',
  })
})

test.each([
  ['', 'is no place for rows'],
  ['a:8123', 'is no place for rows'],
  ['ftp://a', 'is no place for rows'],
  ['http://a,', 'is no place for rows'],
  ['http://a?quorum=0', 'is no place for rows'],
  ['http://a?quorum=some', 'is no place for rows'],
  ["http://a?cluster=c'", 'is no place for rows'],
  ['http://a?password=p', '"password" is no part of an address'],
])('"%s" is none', (text, why) => {
  const read = parseRowStorePlace(text, {})
  expect(read.kind === 'rejected' && read.problems[0]?.message).toContain(why)
})
