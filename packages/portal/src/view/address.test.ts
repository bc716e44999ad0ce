import fc from 'fast-check'
import { expect, test } from 'vitest'

import { addressText, changedAddress, listIn, parseAddress, textIn, toggled } from './address.ts'

test('what is written into an address is read from it', () => {
  const value = fc.oneof(fc.string(), fc.array(fc.string(), { minLength: 2, maxLength: 3 }))
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.string().filter((name) => name !== '__proto__'),
        value,
      ),
      (search) => {
        expect(parseAddress(addressText(search))).toEqual({ ...search })
      },
    ),
  )
})

test('addresses can be read by people', () => {
  expect(addressText({ type: ['Files', 'Daemons'], from: 5, text: undefined })).toBe('?type=Files&type=Daemons&from=5')
  expect(addressText({})).toBe('')
})

test('texts and lists are taken for what they are, everything else for nothing', () => {
  expect([textIn('a'), textIn(7), textIn(''), textIn({}), textIn(null)]).toEqual([
    'a',
    '7',
    undefined,
    undefined,
    undefined,
  ])
  expect([listIn('a'), listIn(['a', 'a', {}, 1]), listIn([]), listIn(undefined)]).toEqual([
    ['a'],
    ['a', '1'],
    undefined,
    undefined,
  ])
})

test('what is undefined goes out of the address, and a value comes into its list or out of it', () => {
  expect(changedAddress({ a: 'x', b: 'y' }, { a: undefined })).toEqual({ b: 'y' })
  expect([toggled(undefined, 'a'), toggled(['a'], 'b'), toggled(['a'], 'a')]).toEqual([['a'], ['a', 'b'], undefined])
})
