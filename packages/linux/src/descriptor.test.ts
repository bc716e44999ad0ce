import { closeSync, fstatSync, openSync } from 'node:fs'

import fc from 'fast-check'
import { expect, test } from 'vitest'

import { closeDescriptors, readInto, runsOf } from './descriptor.ts'

test('runs hold each number once and no other', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -3, max: 40 })), (numbers) => {
      const inRuns = runsOf(numbers).flatMap(({ first, last }) =>
        Array.from({ length: last - first + 1 }, (_, index) => first + index),
      )
      expect(inRuns).toEqual([...new Set(numbers.filter((each) => each >= 0))].sort((one, other) => one - other))
    }),
  )
})

test('many are closed at once, and none between them', () => {
  const opened = Array.from({ length: 20 }, () => openSync('/dev/null', 'r'))
  const kept = opened[10] ?? -1
  closeDescriptors([...opened.filter((each) => each !== kept), -1, -2])
  for (const each of opened) {
    if (each === kept) expect(fstatSync(each).isCharacterDevice()).toBe(true)
    else expect(() => fstatSync(each)).toThrow('EBADF')
  }
  closeSync(kept)
})

test('reading from what cannot be read is an error with its number', () => {
  expect(() => readInto(9_999, Buffer.alloc(1))).toThrow('read(9999): EBADF')
})
