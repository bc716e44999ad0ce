import { expect, test } from 'vitest'

import { chipsOf, facets } from './facets.ts'

const facet = (id: string) => facets.find((one) => one.id === id)!

test('a facet counts under all filters but its own', () => {
  const search = { account: ['alice'], machine: ['alpha'] }
  expect(facet('account').query(search, 0)).toContain('where Computer in ("alpha")')
  expect(facet('account').query(search, 0)).not.toContain('alice')
  expect(facet('machine').query(search, 0)).not.toContain('"alpha"')
  expect(facet('machine').query(search, 0)).toContain('alice')
})

test('below a folder its parts are counted, whatever it is called', () => {
  const text = facet('prefix').query({ prefix: '/a"b' }, 0)
  expect(text).toContain('startswith_cs "/a\\"b/"')
  expect(text).toContain('substring(FileSystemPath, strlen("/a\\"b/"))')
})

test('an account counts once for a change that it made and logged in for', () => {
  const rows = [
    { InitiatingProcessAccountName: 'root', InitiatingProcessLoginName: 'alice', Count: 3 },
    { InitiatingProcessAccountName: 'alice', InitiatingProcessLoginName: 'alice', Count: 2 },
  ]
  expect(
    facet('account')
      .valuesIn(rows)
      .map(({ value, count }) => [value, count]),
  ).toEqual([
    ['alice', 5],
    ['root', 3],
  ])
})

test('each chip takes its own value away', () => {
  const chips = chipsOf({ type: ['Files', 'Daemons'], from: 0, to: 1_000, text: 'x', prefix: '/etc' })
  expect(chips.map(({ title, without }) => [title, without])).toEqual([
    ['Time', { from: undefined, to: undefined }],
    ['Type', { type: ['Daemons'] }],
    ['Type', { type: ['Files'] }],
    ['Below', { prefix: undefined }],
    ['Text', { text: undefined }],
  ])
})
