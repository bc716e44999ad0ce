import { expect, test } from 'vitest'

import { parseRulesSearch, secondsText } from './rules-view.ts'

test('the address is read, and what is wrong in it counts as not there', () => {
  expect(parseRulesSearch({ rule: 'dcr-1', tab: 'history', from: '2', to: '3', text: 7 })).toEqual({
    rule: 'dcr-1',
    tab: 'history',
    from: 2,
    to: 3,
    text: '7',
  })
  expect(parseRulesSearch({ rule: '', tab: 'other', from: '-1', to: 'x' })).toEqual({})
})

test.each([
  [900, '15 min'],
  [36_000, '10 h'],
  [5_400, '1 h 30 min'],
  [90_061, '1 d 1 h'],
  [1, '1 s'],
  [0, '0 s'],
])('%i seconds are %s', (seconds, text) => {
  expect(secondsText(seconds)).toBe(text)
})
