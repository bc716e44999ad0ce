import fc from 'fast-check'
import { expect, test } from 'vitest'

import { pixelsToStay } from './steady-view.ts'

const keyOf = (row: string): string => row

test.each([
  { name: 'rows that come above push it down', after: ['x', 'y', 'a', 'b', 'c'], scrollTop: 45, pixels: 80 },
  { name: 'rows that go above pull it up', after: ['b', 'c'], scrollTop: 45, pixels: -40 },
  { name: 'at the top the newest is seen', after: ['x', 'a', 'b', 'c'], scrollTop: 0, pixels: 0 },
  { name: 'a row that went leaves the place alone', after: ['x'], scrollTop: 45, pixels: 0 },
])('the row being read stays in its place: $name', ({ after, scrollTop, pixels }) => {
  expect(pixelsToStay({ before: ['a', 'b', 'c'], after }, keyOf, { scrollTop, rowPixels: 40 })).toBe(pixels)
})

test('whatever arrives above, the row in sight is the same one', () => {
  const names = fc.uniqueArray(fc.string(), { minLength: 2, maxLength: 30 })
  fc.assert(
    fc.property(names, fc.nat(29), fc.nat(29), (all, cut, at) => {
      const before = all.slice(cut % all.length)
      const scrollTop = (at % before.length) * 10 + 3
      const pixels = pixelsToStay({ before, after: all }, keyOf, { scrollTop, rowPixels: 10 })
      expect(all[Math.floor((scrollTop + pixels) / 10)]).toBe(before[Math.floor(scrollTop / 10)])
    }),
  )
})
