import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { datasheetPage } from './datasheet-page.ts'

const machine = { processor: 'A Processor', cores: 2, memoryBytes: 8 * 1024 ** 3, kernel: '6.1.0', node: 'v24.0.0' }
const recorded = JSON.stringify({
  commit: '0123456789abcdef',
  isDirty: false,
  measuredAt: '2026-02-03T04:05:06.000Z',
  machine,
  trees: { a: '10 files' },
  rows: [
    {
      tree: 'a',
      contestant: 'aide',
      work: 'rescan',
      what: 'find | aide',
      rounds: 3,
      seconds: { median: 1.2345, min: 1.1 },
      cpuSeconds: 2,
      peakMib: 123.4,
    },
  ],
  answers: [
    { question: 'fast?', expected: { atLeast: 2 }, unit: '', value: 2.5 },
    { question: 'small?', expected: { atMost: 150 }, unit: 'MiB', value: 151 },
    { question: 'there?', expected: { atMost: 1 }, unit: '', value: undefined },
  ],
  leftOut: [{ tree: 'a', contestant: 'samhain', why: 'it is not installed' }],
})

test('a chapter stands between its marks, with machine and commit, and what fell short says so', () => {
  const page = datasheetPage('# D\n\n<!-- bench:files -->\n\nold\n\n<!-- /bench:files -->\n\nend\n', (name) =>
    name === 'files' ? recorded : undefined,
  )
  expect(page).toMatch(
    /^# D\n\n<!-- bench:files -->\n\nMeasured on 2026-02-03 by .*--record`,\ncommit `0123456789ab`:\n/,
  )
  expect(page).toContain('A Processor, 2 cores, 8 GiB, kernel 6.1.0, Node v24.0.0.')
  expect(page).toContain('| fast? | ≥ 2 | 2.5 | yes |')
  expect(page).toContain('| small? | ≤ 150 MiB | 151 MiB | no |')
  expect(page).toContain('| there? | ≤ 1 | not measured |  |')
  expect(page).toContain(String.raw`| ${'`'}find \| aide${'`'} | 1.23 | 1.1 | 2 | 123 | 3 |`)
  expect(page).toContain('- (a) samhain: it is not installed')
  expect(page).toMatch(/\n\n<!-- \/bench:files -->\n\nend\n$/)
  expect(page).not.toContain('old')
})

test('what was never measured stays as it is; a page without marks is refused', () => {
  expect(datasheetPage('# D\n', () => undefined)).toBe('# D\n')
  expect(() => datasheetPage('# D\n', () => recorded)).toThrow('<!-- bench:files -->')
})

test('a chapter of plain figures is a table', () => {
  const figures = [{ what: 'a row', value: 12.345, unit: 'bytes' }]
  const page = datasheetPage('<!-- bench:portal-queries -->\n<!-- /bench:portal-queries -->\n', (name) =>
    name === 'portal-queries' ? JSON.stringify({ ...JSON.parse(recorded), figures }) : undefined,
  )
  expect(page).toContain('| a row | 12.3 bytes |')
})

test('the datasheet is what the recorded runs gave', () => {
  const page = readFileSync(new URL('../docs/datasheet.md', import.meta.url), 'utf8')
  const isAsRecorded = datasheetPage(page, (name) => {
    const path = new URL(`results/${name}.json`, import.meta.url)
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined
  })
  expect(isAsRecorded).toBe(page)
})
