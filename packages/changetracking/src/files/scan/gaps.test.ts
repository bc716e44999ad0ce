import { expect, test } from 'vitest'

import { contentNotKept, GAP_KEYS_MAX, Gaps, GAPS_MAX, unreadable } from './gaps.ts'

const gap = (name: string) => unreadable({ path: `/${name}`, what: 'path', why: 'EACCES' })

test('each subject is told once', () => {
  const gaps = new Gaps()
  for (const name of ['a', 'b', 'a']) gaps.add(gap(name))
  expect(gaps.all.map(({ subject }) => subject)).toEqual(['/a', '/b'])
})

test('beyond the limit one gap counts the rest, and all keys are there', () => {
  const gaps = new Gaps()
  for (let index = 0; index < GAPS_MAX + 5; index += 1) gaps.add(gap(String(index)))
  const told = gaps.all.filter(({ detail }) => detail !== '')
  expect(told).toHaveLength(GAPS_MAX + 1)
  expect(told.at(-1)).toMatchObject({
    reason: 'limit-reached',
    subject: 'files',
    detail: expect.stringMatching(/^5 more/),
  })
  expect(gaps.all.map(({ key }) => key)).toHaveLength(GAPS_MAX + 5)
})

test('however many paths cannot be looked at, memory has an end', () => {
  const gaps = new Gaps()
  for (let index = 0; index < GAP_KEYS_MAX + 7; index += 1) gaps.add(gap(String(index)))
  expect(gaps.all).toHaveLength(GAP_KEYS_MAX)
  expect(gaps.all[GAPS_MAX]?.detail).toContain(`${GAP_KEYS_MAX + 7 - GAPS_MAX} more`)
})

test('what is told says what, where and what now', () => {
  expect(gap('a').detail).toBe('/a cannot be looked at: this account may not read it; it stays as last seen')
  expect(unreadable({ path: '/a', what: 'contents', why: 'EIO' }).detail).toContain('what is in /a')
  expect(unreadable({ path: '/a', what: 'contents', why: 'too-deep' }).reason).toBe('limit-reached')
  expect(contentNotKept('/a\xff', 7)).toMatchObject({ subject: '/a\\xff', detail: expect.stringMatching(/7 bytes/) })
})
