import { tableNames } from '@tidemark/model'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { cursorText, parseCursor } from './cursor.ts'

test('a cursor comes out as it went in, in letters that a URL takes', () => {
  const cursor = fc.record({
    table: fc.constantFrom(...tableNames),
    workspaceId: fc.string(),
    arrival: fc.maxSafeNat(),
  })
  fc.assert(
    fc.property(cursor, (one) => {
      expect(cursorText(one)).toMatch(/^[\w-]+$/)
      expect(parseCursor(cursorText(one))).toEqual(one)
    }),
  )
})

test('no other text is one', () => {
  fc.assert(fc.property(fc.string(), (text) => void parseCursor(text)))
  const other = (value: unknown) => parseCursor(Buffer.from(JSON.stringify(value)).toString('base64url'))
  for (const value of [
    null,
    [],
    [2, 'Heartbeat', 'w', 1],
    [1, 'Nothing', 'w', 1],
    [1, 'Heartbeat', 'w', -1],
    [1, 'Heartbeat', 3, 1],
  ])
    expect(other(value)).toBeUndefined()
})
