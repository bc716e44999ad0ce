import type { Row } from './contest.ts'
import type { Work } from './contestant.ts'

/** What we expect of ourselves, and what came out. Undefined where a contestant was missing. */
export interface Answer {
  readonly question: string
  readonly expected: { readonly atLeast: number } | { readonly atMost: number }
  readonly unit: '' | 'MiB'
  readonly value: number | undefined
}

/** All questions; `rows` are those of all trees. Seconds are medians. */
export function answers(rows: readonly Row[]): readonly Answer[] {
  const find = (tree: string, contestant: string, work: Work): Row | undefined =>
    rows.find((row) => row.tree === tree && row.contestant === contestant && row.work === work)
  const seconds = (...place: [string, string, Work]): number | undefined => find(...place)?.seconds.median
  const cpu = (...place: [string, string, Work]): number | undefined => find(...place)?.cpuSeconds
  const peak = (tree: string): number | undefined => {
    const peaks = rows.filter((row) => row.tree === tree && row.contestant === 'tidemark').map((row) => row.peakMib)
    return peaks.length === 0 ? undefined : Math.max(...peaks)
  }
  const ask = (question: string, expected: Answer['expected'], value: number | undefined): Answer => ({
    question,
    expected,
    unit: '',
    value,
  })
  const ours = { baseline: seconds('a', 'tidemark', 'baseline'), rescan: seconds('a', 'tidemark', 'rescan') }
  const check = seconds('a', 'aide', 'rescan')
  return [
    ask(
      '(a) baseline with state written ÷ `find … \\| xargs -P2 sha256sum`',
      { atMost: 1 },
      ratio(ours.baseline, seconds('a', 'sha256sum', 'hash')),
    ),
    ask('(a) `aide --init` ÷ baseline', { atLeast: 4 }, ratio(seconds('a', 'aide', 'baseline'), ours.baseline)),
    ask('(a) `aide --check` ÷ unchanged rescan', { atLeast: 20 }, ratio(check, ours.rescan)),
    ask('(a) `aide --check` ÷ full re-read', { atLeast: 8 }, ratio(check, seconds('a', 'tidemark', 'full'))),
    ask(
      '(b) `find … \\| xargs -P2 sha256sum` ÷ baseline',
      { atLeast: 2.5 },
      ratio(seconds('b', 'sha256sum', 'hash'), seconds('b', 'tidemark', 'baseline')),
    ),
    ask(
      '(c) `find … \\| xargs -P2 sha256sum` ÷ baseline',
      { atLeast: 3 },
      ratio(seconds('c', 'sha256sum', 'hash'), seconds('c', 'tidemark', 'baseline')),
    ),
    ask(
      '(c) bytes in a second of CPU: baseline ÷ `openssl dgst -sha256`',
      { atLeast: 0.9 },
      ratio(cpu('c', 'openssl', 'hash'), cpu('c', 'tidemark', 'baseline')),
    ),
    ask(
      '(d) unchanged rescan ÷ `find -printf`',
      { atMost: 2.5 },
      ratio(seconds('d', 'tidemark', 'rescan'), seconds('d', 'find', 'list')),
    ),
    { question: '(d) peak memory', expected: { atMost: 150 }, unit: 'MiB', value: peak('d') },
    ask('(d) peak memory ÷ that of (a)', { atMost: 1.5 }, ratio(peak('d'), peak('a'))),
  ]
}

/** Whether the answer is what was expected. */
export function isAsExpected({ expected, value }: Answer): boolean {
  if (value === undefined) return false
  return 'atLeast' in expected ? value >= expected.atLeast : value <= expected.atMost
}

function ratio(over: number | undefined, under: number | undefined): number | undefined {
  return over === undefined || under === undefined || under === 0 ? undefined : over / under
}
