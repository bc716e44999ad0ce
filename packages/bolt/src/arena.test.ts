import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Arena } from './arena.ts'

// Goal: a copy keeps what it was given, whatever is copied after it and whatever the giver does with theirs.
// Mutants caught here: a room that is used twice; a Buffer handed out, whose slices share memory; text cut at a room's end.

test('every copy keeps its bytes', () => {
  const bytes = fc.uint8Array({ maxLength: 3000 })
  const text = fc.string({ unit: 'grapheme', maxLength: 600 })
  fc.assert(
    fc.property(fc.array(fc.oneof(bytes, text), { maxLength: 60 }), (given) => {
      const arena = new Arena()
      const expected = given.map((each) => (typeof each === 'string' ? new TextEncoder().encode(each) : each.slice()))
      const copies = given.map((each) => arena.own(each))
      for (const each of given) if (typeof each !== 'string') each.fill(0xee)
      expect(copies).toEqual(expected)
    }),
  )
})

test('text that is no UTF-16 becomes the replacement character, as TextEncoder has it', () => {
  const arena = new Arena()
  arena.own('makes a room')
  expect(arena.own('a\ud800b')).toEqual(new TextEncoder().encode('a\ud800b'))
})

test('a slice of a copy is a copy of its own, as it is what callers get', () => {
  const arena = new Arena()
  const copy = arena.own(Buffer.from('abc'))
  copy.slice()[0] = 0
  expect(copy).toEqual(Uint8Array.of(97, 98, 99))
})

test('the end gives the memory back', () => {
  const arena = new Arena()
  const copy = arena.own('short')
  expect(copy).toHaveLength(5)
  arena.end()
  expect(copy).toHaveLength(0)
})
