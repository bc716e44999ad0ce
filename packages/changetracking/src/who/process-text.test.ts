import fc from 'fast-check'
import { expect, test } from 'vitest'

import { parseAuditId, parseCommandLine, parseEffectiveUser, parseForks, parseStat } from './process-text.ts'

// Captured from Debian 12, Linux 6.1.
const CRON =
  '612 (cron) S 1 612 612 0 -1 4194560 1025 18650 3 25 2 1 31 14 20 0 1 0 873 6774784 640 18446744073709551615 1 1 0 0 0 0 0 0 65537 0 0 0 17 1 0 0 0 0 0\n'
const KERNEL =
  '2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 2 0 0 20 0 1 0 0 0 0 18446744073709551615 0 0 0 0 0 0 0 2147483647 0 0 0 0 0 1 0 0 0 0 0\n'

test('a process', () => {
  expect(parseStat(CRON)).toEqual({
    name: 'cron',
    parentPid: 1,
    startTicks: 873,
    isZombie: false,
    isKernelThread: false,
  })
  expect(parseStat(KERNEL)).toMatchObject({ name: 'kthreadd', parentPid: 0, isKernelThread: true })
  expect(parseStat(CRON.replace(' S ', ' Z '))?.isZombie).toBe(true)
})

test('a name that looks like the rest of the line misleads nobody', () => {
  expect(parseStat(CRON.replace('(cron)', '(a) R 7 (b)'))).toMatchObject({ name: 'a) R 7 (b', parentPid: 1 })
})

test('what is no such text is nothing, and nothing throws', () => {
  for (const text of ['', '612 cron S 1', '612 (cron) S', ')(', '612 (cron) S x y z'])
    expect(parseStat(text)).toBeUndefined()
  fc.assert(
    fc.property(fc.string(), (text) => {
      parseStat(text)
      parseCommandLine(text)
      parseEffectiveUser(text)
      parseAuditId(text)
      parseForks(text)
    }),
  )
})

test.each([
  { text: 'Name:\tsu\nUid:\t1000\t0\t0\t0\nGid:\t1000\t0\t0\t0\n', user: 0 },
  { text: 'Name:\tUid: 1\nUid:\t33\t33\t33\t33\n', user: 33 },
  { text: 'Name:\tx\n', user: undefined },
])('the effective user of $text', ({ text, user }) => expect(parseEffectiveUser(text)).toBe(user))

test.each([
  { text: 'sed\0-i\0\0a b\0', words: ['sed', '-i', '', 'a b'] },
  { text: 'nginx: worker process\0\0\0\0', words: ['nginx: worker process'] },
  { text: '', words: [] },
])('the words of $text', ({ text, words }) => expect(parseCommandLine(text)).toEqual(words))

test.each([
  { text: '1000', id: 1000 },
  { text: '0\n', id: 0 },
  { text: '4294967295', id: undefined },
  { text: '', id: undefined },
  { text: undefined, id: undefined },
])('audit’s $text', ({ text, id }) => expect(parseAuditId(text)).toBe(id))

test('the count of forks', () => {
  expect(parseForks('cpu  1 2 3\nbtime 1700000000\nprocesses 12345\nprocs_running 1\n')).toBe(12_345)
  expect(parseForks('cpu 1')).toBeUndefined()
})
