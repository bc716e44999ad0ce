import fc from 'fast-check'
import { expect, test } from 'vitest'

import { bytesOf, pathFromText, shownPath } from './file-name.ts'

test('a name that is UTF-8 is shown as it is, any other with its odd bytes escaped', () => {
  expect(shownPath(pathFromText('/tmp/äöü 😀'))).toBe('/tmp/äöü 😀')
  expect(shownPath('/tmp/\xff\\x')).toBe('/tmp/\\xff\\\\x')
})

test('no bytes are lost inside, and two names that are no UTF-8 never look the same', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), (one, other) => {
      const [first, second] = [Buffer.from(one).toString('latin1'), Buffer.from(other).toString('latin1')]
      expect(bytesOf(first)).toEqual(Buffer.from(one))
      const areOdd = [first, second].every((path) => shownPath(path) !== bytesOf(path).toString('utf8'))
      if (areOdd) expect(shownPath(first) === shownPath(second)).toBe(first === second)
    }),
  )
})
