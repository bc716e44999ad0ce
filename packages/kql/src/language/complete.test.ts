import fc from 'fast-check'
import { expect, test } from 'vitest'

import type { KqlTable } from '../contract.ts'
import { COMPLETIONS_MAX, completeKql } from './complete.ts'
import { formatKql } from './format.ts'
import { hoverKql, signatureKql } from './hover.ts'

const tables: Record<string, KqlTable> = {
  Change: {
    name: 'Change',
    columns: [
      { name: 'Computer', type: 'string' },
      { name: 'Category', type: 'string', values: ['Added', 'Removed'] },
    ],
  },
}

/** The text without its bar, and where that stood. */
function at(marked: string): readonly [string, number] {
  const offset = marked.indexOf('¦')
  return [marked.replace('¦', ''), offset]
}

function labels(marked: string): string[] {
  return completeKql(...at(marked), tables).items.map(({ label }) => label)
}

test.each([
  { marked: '¦', has: 'Change' },
  { marked: 'Change | ¦', has: 'where' },
  { marked: 'Change | where Comp¦', has: 'Computer' },
  { marked: 'let limit = 3; Change | take ¦', has: 'limit' },
  { marked: 'Change | where Category == "¦', has: 'Removed' },
  { marked: 'Change | where Category in ("Added", "R¦"', has: 'Removed' },
])('$marked is completed by $has', ({ marked, has }) => {
  expect(labels(marked)).toContain(has)
})

test.each([
  { marked: 'Change | where Comp¦', first: 'Computer' },
  { marked: 'Change | where ¦', first: 'Computer' },
  { marked: 'let f = (x: string) { Change | where Cat¦ == x };', first: 'Category' },
  { marked: 'let f = (x: string) {\n Change\n | wh¦', first: 'where' },
  { marked: 'let t = Change | summarize n = count() by Computer; t | where n¦', first: 'n' },
  { marked: "Change | where Category == 'A¦'", first: 'Added' },
  { marked: "Change | where Category has_any ('Added', 'R¦')", first: 'Removed' },
  { marked: 'Change | where Category has "R¦"', first: 'Removed' },
  { marked: 'Change | summarize countif¦', first: 'countif(predicate)' },
])('$marked proposes $first first', ({ marked, first }) => {
  expect(labels(marked)[0]).toBe(first)
})

test('what is not answered is not proposed', () => {
  expect([...labels('¦'), ...labels('Change | ¦')]).not.toEqual(
    expect.arrayContaining([expect.stringMatching(/^(externaldata|scan|reduce|fork|facet)/)]),
  )
  expect(labels('Change | ¦')).toContain('summarize')
})

test('a completed value replaces what is typed of it', () => {
  const [text, offset] = at('Change | where Category == "Ad¦"')
  const { from, to, items } = completeKql(text, offset, tables)
  expect(text.slice(0, from) + items[0]?.before + text.slice(to)).toBe('Change | where Category == "Added"')
})

test('only functions that are answered are proposed', () => {
  const proposed = labels('print ¦')
  expect(proposed.some((label) => label.startsWith('strlen'))).toBe(true)
  expect(proposed.some((label) => label.startsWith('geo_'))).toBe(false)
  expect(proposed.length).toBeLessThanOrEqual(COMPLETIONS_MAX)
})

test('a hover tells what a word is', () => {
  expect(hoverKql(...at('Change | where Comp¦uter == "x"'), tables)).toContain('Computer: string')
  expect(hoverKql('', 0, tables)).toBeUndefined()
})

test('signature help counts the arguments that are written', () => {
  const help = signatureKql(...at('print x = substring(strcat("a,(", "b"), ¦'), tables)
  expect(help).toMatchObject({ name: 'substring', activeParameter: 1 })
  expect(help?.signatures[0]?.parameters).toHaveLength(3)
  expect(signatureKql(...at('Change | where (Computer ¦'), tables)).toBeUndefined()
  expect(signatureKql(...at('print nothing(¦'), tables)).toBeUndefined()
})

test('formatting changes spaces and lines only', () => {
  const text = 'Change|where Category=="Added" and Computer has"x"|summarize n=count() by Computer'
  const formatted = formatKql(text, tables)
  expect(formatted).toContain('\n| where')
  expect(formatted.replaceAll(/\s/g, '')).toBe(text.replaceAll(/\s/g, ''))
  expect(formatKql(formatted, tables)).toBe(formatted)
})

// Goal: formatting changes spaces only, whatever is formatted, and once is enough. Method: lines of queries and comments in
// any order with spaces at random. Found: a second table got a semicolon before it.
test('formatting keeps all words and comments, and formats once', () => {
  const lines = fc.constantFrom(
    'Change',
    '|where Category=="Added"',
    '| where   Computer has "x // no comment"',
    '|summarize n=count() by Computer',
    '// a | comment "with quotes',
    '| extend x = iff(isempty(Computer), "a|b", Computer) // behind',
    '|project ["Computer"],y=1',
    '| sort by n desc',
    '',
  )
  const spaces = fc.constantFrom('\n', '\n\n', ' \n  ', '\n\t')
  fc.assert(
    fc.property(fc.array(fc.tuple(lines, spaces), { minLength: 1, maxLength: 8 }), (parts) => {
      const text = `Change\n${parts.map((pair) => pair.join('')).join('')}`
      const formatted = formatKql(text, tables)
      expect(formatted.replaceAll(/\s/g, '')).toBe(text.replaceAll(/\s/g, ''))
      expect(formatted.match(/\/\/ (?:a|behind).*/g) ?? []).toHaveLength(
        (text.match(/\/\/ (?:a|behind).*/g) ?? []).length,
      )
      expect(formatKql(formatted, tables)).toBe(formatted)
    }),
    { numRuns: 60 },
  )
}, 60_000)

test('no text and no place makes any of them throw', () => {
  const words = fc.constantFrom(
    'Change',
    '|',
    'where',
    'Category',
    '==',
    '"',
    '(',
    ')',
    ',',
    'bin',
    'summarize',
    ' ',
    ';',
  )
  fc.assert(
    fc.property(fc.array(words, { maxLength: 12 }), fc.integer({ min: -5, max: 60 }), (all, offset) => {
      const text = all.join(' ')
      completeKql(text, offset, tables)
      hoverKql(text, offset, tables)
      signatureKql(text, offset, tables)
      formatKql(text, tables)
    }),
    { numRuns: 60 },
  )
})
