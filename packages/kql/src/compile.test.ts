import { readFileSync } from 'node:fs'

import fc from 'fast-check'
import { expect, test } from 'vitest'

import { compileKql } from './compile.ts'
import { type CompileOptions, type KqlTable, problemCodes } from './contract.ts'
import { NESTING_MAX, OPERATORS_MAX } from './limits.ts'

const tables: Record<string, KqlTable> = {
  ConfigurationChange: {
    name: 'ConfigurationChange',
    columns: [
      { name: 'TimeGenerated', type: 'datetime' },
      { name: 'Computer', type: 'string' },
      { name: 'Size', type: 'long' },
    ],
  },
}
const options: CompileOptions = { tables, scope: [{ column: 'TenantId', anyOf: ['w'] }], nowMs: 0, rowsMax: 10 }

function problems(text: string) {
  const outcome = compileKql(text, options)
  return outcome.kind === 'rejected' ? outcome.problems : []
}

test.each([
  {
    text: 'ConfigurationChange | where Computr == "x"',
    code: 'unknown-name',
    line: 1,
    column: 29,
    suggestion: 'Computer',
  },
  { text: 'ConfigurationChange\n| where nofunc(Computer)', code: 'unknown-function', line: 2, column: 9 },
  { text: 'ConfigurationChang | count', code: 'unknown-name', line: 1, column: 1, suggestion: 'ConfigurationChange' },
  { text: 'ConfigurationChange | where', code: 'syntax', line: 1, column: 28 },
  { text: 'ConfigurationChange | nope', code: 'syntax', line: 1, column: 23 },
  { text: 'ConfigurationChange | where Size > ', code: 'syntax', line: 1, column: 35 },
  { text: 'ConfigurationChange | evaluate basket()', code: 'unsupported', line: 1, column: 32 },
  { text: 'ConfigurationChange | reduce by Computer', code: 'unsupported', line: 1, column: 23 },
  { text: 'ConfigurationChange | where ingestion_time() > ago(1d)', code: 'unsupported', line: 1 },
  { text: 'ConfigurationChange | where TimeGenerated {TimeRange}', code: 'placeholder', line: 1, column: 43 },
  { text: 'ConfigurationChange | where Computer', code: 'semantics', line: 1, column: 29 },
  { text: '', code: 'syntax', line: 1, column: 1 },
])('$text is refused where it is wrong', ({ text, ...expected }) => {
  expect(problems(text)[0]).toMatchObject(expected)
})

test('the window of time and the scope are in every reading of a table', () => {
  const outcome = compileKql('union ConfigurationChange, (ConfigurationChange | take 1)', {
    ...options,
    timespan: { startMs: 0, endMs: 1_000 },
  })
  if (outcome.kind === 'rejected') throw new Error('rejected')
  expect(
    outcome.sql.match(/`TenantId` = \{p\d+:String\} AND TimeGenerated >= \{p\d+:[^}]+\} AND TimeGenerated </g),
  ).toHaveLength(2)
})

// Goal: nothing of the query's text gets into the SQL. Method: a marker in every place where a text may stand.
test('no literal and no name gets into the SQL', () => {
  const marker = "zz'zz`zz\\zz"
  const quoted = JSON.stringify(marker)
  const texts = [
    `ConfigurationChange | where Computer == ${quoted}`,
    `ConfigurationChange | where Computer in (${quoted}, "b") | extend [${quoted}] = strcat(Computer, ${quoted})`,
    `let zzname = ${quoted}; ConfigurationChange | project zzalias = zzname | where zzalias has ${quoted}`,
    `ConfigurationChange | where parse_json(Computer)[${quoted}] == 1`,
  ]
  for (const text of texts) {
    const outcome = compileKql(text, options)
    expect(outcome.kind).toBe('compiled')
    if (outcome.kind === 'compiled') expect(outcome.sql).not.toContain('zz')
  }
})

test('no text makes it throw', () => {
  const words = fc.constantFrom(
    'ConfigurationChange',
    '|',
    'where',
    'Computer',
    '==',
    '"x"',
    '(',
    ')',
    'summarize',
    'count()',
    'by',
    'bin',
    ',',
    'let',
    '=',
    ';',
    'join',
    'on',
    'take',
    '5',
    '-',
    'arg_max',
    '*',
    'datetime(',
    '1h',
    "'",
    '[',
    'dynamic',
    'union',
  )
  const texts = fc.oneof(
    fc.string(),
    fc.array(words, { maxLength: 20 }).map((all) => all.join(' ')),
  )
  fc.assert(
    fc.property(texts, (text) => {
      const outcome = compileKql(text, options)
      if (outcome.kind === 'rejected') expect(outcome.problems.length).toBeGreaterThan(0)
    }),
    { numRuns: 300 },
  )
}, 60_000)

test('limits are told with their place', () => {
  const deep = `print ${'('.repeat(NESTING_MAX + 1)}1${')'.repeat(NESTING_MAX + 1)}`
  expect(problems(deep)[0]).toMatchObject({ code: 'nested-too-deep', column: 7 + NESTING_MAX })
  const long = `print ${'1+'.repeat(OPERATORS_MAX)}1`
  expect(problems(long)[0]?.code).toBe('too-complex')
  expect(problems('x'.repeat(100_000))[0]?.code).toBe('text-too-long')
  const chain = `ConfigurationChange | where ${Array.from({ length: 1_500 }, (_, index) => `Size==${index}`).join(' or ')}`
  expect(() => compileKql(chain, options)).not.toThrow()
})

test('the document explains each code and no other', () => {
  const document = readFileSync(new URL('../../../docs/formats/kql.md', import.meta.url), 'utf8')
  expect([...document.matchAll(/^\| `([a-z-]+)` /gm)].map(([, code]) => code)).toEqual([...problemCodes])
})
