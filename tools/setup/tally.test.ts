import { expect, test } from 'vitest'

import { countCheck, countReport, newTally, tallyText } from './tally.mjs'

const fileOf = (status: string, tests: readonly (readonly [string, string])[], message = ''): object => ({
  name: '/clone/packages/base/src/a.test.ts',
  status,
  message,
  assertionResults: tests.map(([fullName, result]) => ({ fullName, status: result })),
})

test('every test counts once, checks too, and what was skipped is named', () => {
  const tally = newTally()
  countCheck(tally, 'types', true)
  countCheck(tally, 'lint', false)
  const tests = [
    ['a', 'passed'],
    ['b', 'failed'],
    ['c (skipped: no root)', 'skipped'],
    ['d', 'pending'],
  ] as const
  countReport(tally, { testResults: [fileOf('failed', tests)] }, 1)
  expect(tallyText(tally, '/clone').split('\n')).toEqual([
    '2 skipped:',
    '  packages/base/src/a.test.ts > c (skipped: no root)',
    '  packages/base/src/a.test.ts > d',
    '',
    'Failed:',
    '  lint',
    '  packages/base/src/a.test.ts > b',
    '',
    '2 passed, 2 failed',
  ])
})

test.each([
  {
    name: 'a file that could not be loaded',
    report: { testResults: [fileOf('failed', [], 'SyntaxError: x\n  at')] },
    says: /a\.test\.ts: SyntaxError: x$/,
  },
  {
    name: 'an error outside of every test',
    report: { testResults: [fileOf('passed', [['a', 'passed']])] },
    says: /outside of every test/,
  },
  { name: 'no report at all', report: undefined, says: /without a report/ },
])('$name is one failure', ({ report, says }) => {
  const tally = newTally()
  countReport(tally, report, 1)
  expect(tally.failed).toBe(1)
  expect(tally.failures[0]).toMatch(says)
})

test('a good run is good', () => {
  const tally = newTally()
  countReport(tally, { testResults: [fileOf('passed', [['a', 'passed']])] }, 0)
  expect(tallyText(tally, '/clone')).toBe('1 passed, 0 failed')
})
