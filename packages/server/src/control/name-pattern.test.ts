import fc from 'fast-check'
import { expect, test } from 'vitest'

import { namePattern } from './name-pattern.ts'

test.each([
  ['web-*', 'WEB-1', true],
  ['web-?', 'web-12', false],
  ['*', '', true],
  ['*-db-*', 'eu-db-1', true],
  ['a.c', 'abc', false],
  ['', 'a', false],
])('%s and %s', (pattern, name, matches) => {
  expect(namePattern(pattern)(name)).toBe(matches)
})

test('it says what a regular expression says', () => {
  const letters = (parts: readonly string[]): fc.Arbitrary<string> =>
    fc.array(fc.constantFrom(...parts), { maxLength: 8 }).map((all) => all.join(''))
  fc.assert(
    fc.property(letters(['a', 'b', '*', '?']), letters(['a', 'b']), (pattern, name) => {
      const twin = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`)
      expect(namePattern(pattern)(name)).toBe(twin.test(name))
    }),
  )
})

test('a pattern that backtracks elsewhere takes no time', () => {
  expect(namePattern(`${'*a'.repeat(120)}b`)('a'.repeat(253))).toBe(false)
})
