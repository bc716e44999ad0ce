import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { secretInFile } from './token-file.ts'

let folder = ''
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'tidemark-token-'))))
afterEach(() => rmSync(folder, { recursive: true }))

test('the secret is made once, and only its owner reads it', () => {
  const path = join(folder, 'deep', 'admin.token')
  expect([secretInFile(path, () => 'first'), secretInFile(path, () => 'second')]).toEqual(['first', 'first'])
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(readdirSync(join(folder, 'deep'))).toEqual(['admin.token'])
})

test.each(['', ' \n'])('a file that holds %j is no secret that everybody knows, but an error', (text) => {
  const path = join(folder, 'admin.token')
  writeFileSync(path, text)
  expect(() => secretInFile(path, () => 'new')).toThrow(
    expect.objectContaining({ code: 'state-unusable', message: expect.stringContaining(path) }),
  )
})

test('what a crash left of a draft is written over', () => {
  const path = join(folder, 'admin.token')
  writeFileSync(`${path}.new`, '')
  expect(secretInFile(path, () => 'whole')).toBe('whole')
  expect(secretInFile(path, () => 'other')).toBe('whole')
})
