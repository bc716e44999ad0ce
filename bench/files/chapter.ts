import type { LeftOut, Row } from './contest.ts'
import { type Answer, isAsExpected } from './questions.ts'

/** What the bench found, as it is recorded. */
export interface Findings {
  readonly trees: Readonly<Record<string, string>>
  readonly rows: readonly Row[]
  readonly answers: readonly Answer[]
  readonly leftOut: readonly LeftOut[]
}

/** The findings as Markdown: first what was expected, then a table for each tree, then what to know about them. */
export function filesChapter({ trees, rows, answers, leftOut }: Findings): string {
  const parts = [
    answersTable(answers),
    ...Object.entries(trees).map(([tree, what]) =>
      [`**(${tree}) ${what}**`, rowsTable(rows.filter((row) => row.tree === tree))].join('\n\n'),
    ),
    ...(leftOut.length === 0 ? [] : [`Left out:\n\n${leftOut.map(leftOutLine).join('\n')}`]),
    NOTES.join('\n'),
  ]
  return `${parts.join('\n\n')}\n`
}

const NOTES = [
  'Whole processes, from before the start to after the end, Node’s start included; the cache is warm. All were measured',
  'in one run, each once a round, and another one first in each round; seconds are wall time. Memory is the peak of the',
  'largest process. Tidemark is the program of its package, as it runs on a machine. Debian’s `sha256sum` and `aide` do',
  'not use the processor’s SHA instructions; Node’s OpenSSL, which Tidemark uses, does, and so does `openssl dgst`.',
  '`aide` records what Tidemark records and has one worker, its default; `integrit` and `tripwire` have no SHA-256 and',
  'compute SHA-1. After the rounds one file of (a) is changed, and a program that does not report it is not measured.',
]

function answersTable(answers: readonly Answer[]): string {
  const lines = answers.map((answer) => {
    const { question, expected, unit, value } = answer
    const limit = 'atLeast' in expected ? `≥ ${expected.atLeast}` : `≤ ${expected.atMost}`
    const shown = value === undefined ? 'not measured' : `${digits(value)}${unit === '' ? '' : ` ${unit}`}`
    const verdict = value === undefined ? '' : isAsExpected(answer) ? 'yes' : 'no'
    return `| ${question} | ${limit}${unit === '' ? '' : ` ${unit}`} | ${shown} | ${verdict} |`
  })
  return ['| Question | Expected | Measured | As expected |', '| --- | --- | --- | --- |', ...lines].join('\n')
}

function rowsTable(rows: readonly Row[]): string {
  const lines = rows.map(
    ({ what, seconds, cpuSeconds, peakMib, rounds }) =>
      `| \`${what.replaceAll('|', String.raw`\|`)}\` | ${digits(seconds.median)} | ${digits(seconds.min)} | ` +
      `${digits(cpuSeconds)} | ${digits(peakMib)} | ${rounds} |`,
  )
  const head = '| Process | Seconds, median | Seconds, least | CPU seconds | Peak MiB | Rounds |'
  return [head, '| --- | --: | --: | --: | --: | --: |', ...lines].join('\n')
}

function leftOutLine({ tree, contestant, why }: LeftOut): string {
  return `- (${tree}) ${contestant}: ${why}`
}

/** Three digits that mean something, and all of a whole number. */
function digits(value: number): string {
  return Math.abs(value) >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)))
}
