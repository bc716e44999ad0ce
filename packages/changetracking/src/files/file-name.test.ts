import fc from 'fast-check'
import { expect, test } from 'vitest'

import { bytesOf, pathFromText, pathsShownAs, shownPath } from './file-name.ts'

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

test('from what is shown, the bytes are found again, and nothing that is shown otherwise', () => {
  const piece = fc.constantFrom('\\', 'x', 'f', 'c', '3', '\xff', '\xc3', '\xa4', 'a')
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const path = pieces.join('')
      const found = pathsShownAs(shownPath(path))
      expect(found).toContain(path)
      expect(found.map(shownPath)).toEqual(found.map(() => shownPath(path)))
    }),
  )
  expect(pathsShownAs('a\\xff')).toEqual(['a\\xff', 'a\xff'])
  expect(pathsShownAs('\ud800')).toEqual([])
})
