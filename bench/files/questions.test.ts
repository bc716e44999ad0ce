import { expect, test } from 'vitest'
import type { Row } from './contest.ts'
import type { Work } from './contestant.ts'
import { answers, isAsExpected } from './questions.ts'

function row(tree: string, contestant: string, work: Work, seconds: number, more: Partial<Row> = {}): Row {
  const measured = { seconds: { median: seconds, min: seconds }, cpuSeconds: seconds, peakMib: 100, rounds: 3 }
  return { tree, contestant, work, what: contestant, ...measured, ...more }
}

// The prototype's figures, as the issue has them.
const prototype: Row[] = [
  row('a', 'tidemark', 'baseline', 0.96),
  row('a', 'tidemark', 'rescan', 0.72),
  row('a', 'tidemark', 'full', 0.96),
  row('a', 'sha256sum', 'hash', 1.4),
  row('a', 'aide', 'baseline', 5.2),
  row('a', 'aide', 'rescan', 18),
  row('b', 'tidemark', 'baseline', 3.6),
  row('b', 'sha256sum', 'hash', 11.6),
  row('c', 'tidemark', 'baseline', 0.8, { cpuSeconds: 1.6 }),
  row('c', 'sha256sum', 'hash', 3.3),
  row('c', 'openssl', 'hash', 1.5, { cpuSeconds: 1.5 }),
  row('d', 'tidemark', 'baseline', 9, { peakMib: 140 }),
  row('d', 'tidemark', 'rescan', 4.2, { peakMib: 120 }),
  row('d', 'find', 'list', 2.5),
]

test('each question divides what it says', () => {
  const values = answers(prototype).map(({ value }) => Number(value?.toFixed(2)))
  expect(values).toEqual([0.69, 5.42, 25, 18.75, 3.22, 4.12, 0.94, 1.68, 140, 1.4])
  expect(answers(prototype).every(isAsExpected)).toBe(true)
})

test('without a contestant there is no answer, and that is not what was expected', () => {
  const alone = answers(prototype.filter(({ contestant }) => contestant === 'tidemark'))
  expect(alone.map(({ value }) => value !== undefined)).toEqual([...Array<boolean>(8).fill(false), true, true])
  expect(alone.map(isAsExpected)).toEqual([...Array<boolean>(8).fill(false), true, true])
})
