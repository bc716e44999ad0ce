import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { openLog } from './log.ts'

let folder = ''
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'tidemark-log-'))))
afterEach(() => rmSync(folder, { recursive: true }))

test('a log is turned over at its limit, and the oldest lines go', () => {
  const path = join(folder, 'deep', 'a.log')
  const limits = { fileBytesMax: 1_000, filesMax: 3 }
  for (const part of [0, 1]) {
    // Opened again, it goes on where it was.
    const log = openLog(path, 'info', limits)
    for (let line = 0; line < 30; line += 1) log.info({ line: part * 30 + line }, 'x')
  }
  expect(readdirSync(join(folder, 'deep')).sort()).toEqual(['a.log', 'a.log.1', 'a.log.2'])
  const lines = ['.2', '.1', ''].flatMap((end) => {
    const text = readFileSync(`${path}${end}`, 'utf8')
    expect(text.length).toBeLessThanOrEqual(1_000)
    return text
      .trim()
      .split('\n')
      .map((each): number => JSON.parse(each).line)
  })
  const first = lines[0] ?? 0
  expect(first).toBeGreaterThan(0)
  expect(lines).toEqual(Array.from({ length: 60 - first }, (_, index) => first + index))
})

test('the level is another from one line to the next', () => {
  const path = join(folder, 'b.log')
  const log = openLog(path, 'info')
  log.debug('no')
  log.level = 'debug'
  log.debug('yes')
  expect(readFileSync(path, 'utf8')).toMatch(/^[^\n]*"msg":"yes"[^\n]*\n$/)
})
