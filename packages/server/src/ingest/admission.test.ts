// Goal: what is let in never exceeds the limits, nothing leaks, and one sender cannot keep the others out.
// Method: random steps against sums. Mutants that it found: a share that counts only the first upload; room that is
// given back twice; a resize that forgets what was held before.
import { UPLOAD_BYTES_MAX } from '@tidemark/model'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { Admission, expectedBytes, type Room, UPLOADS_MAX, UPLOADS_OF_ONE_MAX } from './admission.ts'

const isRoom = (room: Room | 'busy' | 'share'): room is Room => typeof room === 'object'

test('whatever comes and goes, all together and each sender stay within their limits', () => {
  const bytesMax = 16 * UPLOAD_BYTES_MAX
  const step = fc.record({
    owner: fc.constantFrom('a', 'b', 'c'),
    bytes: fc.nat(UPLOAD_BYTES_MAX),
    what: fc.constantFrom('enter', 'enter', 'resize', 'leave', 'leave twice'),
    which: fc.nat(),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const admission = new Admission(bytesMax)
      const inside: { owner: string; bytes: number; room: Room }[] = []
      for (const { owner, bytes, what, which } of steps) {
        const one = inside.length === 0 ? undefined : inside[which % inside.length]
        if (what === 'enter') {
          const room = admission.enter(owner, bytes)
          if (isRoom(room)) inside.push({ owner, bytes, room })
        } else if (what === 'resize' && one?.room.resize(bytes)) one.bytes = bytes
        else if (what.startsWith('leave') && one) {
          one.room[Symbol.dispose]()
          if (what === 'leave twice') one.room[Symbol.dispose]()
          inside.splice(inside.indexOf(one), 1)
        }
        const sum = inside.reduce((total, each) => total + each.bytes, 0)
        expect(admission.bytes).toBe(sum)
        expect(sum).toBeLessThanOrEqual(bytesMax)
        for (const name of ['a', 'b', 'c'])
          expect(inside.filter((each) => each.owner === name).length).toBeLessThanOrEqual(UPLOADS_OF_ONE_MAX)
      }
      for (const { room } of inside) room[Symbol.dispose]()
      expect(admission.bytes).toBe(0)
    }),
  )
})

test('who sends much is told so while others are let in', () => {
  const admission = new Admission(8 * UPLOAD_BYTES_MAX)
  expect(isRoom(admission.enter('greedy', UPLOAD_BYTES_MAX))).toBe(true)
  expect(admission.enter('greedy', 1)).toBe('share')
  for (let other = 0; other < 7; other += 1)
    expect(isRoom(admission.enter(`other-${other}`, UPLOAD_BYTES_MAX))).toBe(true)
  expect(admission.enter('late', 1)).toBe('busy')
})

test('small uploads are counted too', () => {
  const admission = new Admission()
  for (let count = 0; count < UPLOADS_MAX; count += 1) expect(isRoom(admission.enter(`${count}`, 0))).toBe(true)
  expect(admission.enter('one more', 0)).toBe('busy')
})

describe('what headers say of the size', () => {
  test.each([
    [{ 'content-length': '100' }, 100],
    [{ 'content-length': '100', 'content-encoding': 'gzip' }, 1_000],
    [{ 'content-length': '100', 'content-encoding': ' Identity ' }, 100],
    [{ 'content-length': '99999999999' }, UPLOAD_BYTES_MAX],
    [{ 'content-length': '9999999', 'content-encoding': 'zstd' }, UPLOAD_BYTES_MAX],
    [{}, UPLOAD_BYTES_MAX],
    [{ 'content-length': 'many' }, UPLOAD_BYTES_MAX],
  ])('%j', (headers, bytes) => {
    expect(expectedBytes(headers)).toBe(bytes)
  })
})
