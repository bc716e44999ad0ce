import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { explain, missingPackages } from './install.mjs'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-install-'))
  mkdirSync(join(folder, 'node_modules'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function write(name: string, packages: object): void {
  writeFileSync(join(folder, name), JSON.stringify({ packages }))
}

const lock = {
  '': {},
  'packages/base': {},
  'node_modules/@tidemark/base': { link: true },
  'node_modules/zod': { version: '4.6.7' },
}

describe('what has to be installed', () => {
  test('everything, where nothing was yet', () => {
    write('package-lock.json', lock)
    expect(missingPackages(folder)).toBe('a first time')
  })

  test('nothing, where each version is there', () => {
    write('package-lock.json', { ...lock, 'node_modules/fsevents': { version: '1.0.0', optional: true } })
    write('node_modules/.package-lock.json', { 'node_modules/zod': { version: '4.6.7' } })
    expect(missingPackages(folder)).toBeUndefined()
  })

  test.each([
    { name: 'an older version', there: { 'node_modules/zod': { version: '4.6.6' } } },
    { name: 'a package that came since', there: {} },
  ])('$name', ({ there }) => {
    write('package-lock.json', lock)
    write('node_modules/.package-lock.json', there)
    expect(missingPackages(folder)).toBe('zod is missing or old')
  })

  test('a second copy under a package counts too', () => {
    write('package-lock.json', { ...lock, 'packages/base/node_modules/zod': { version: '3.0.0' } })
    write('node_modules/.package-lock.json', { 'node_modules/zod': { version: '4.6.7' } })
    expect(missingPackages(folder)).toBe('zod is missing or old')
  })
})

test.each([
  { said: 'npm error code ENOSPC', means: 'The disk is full' },
  { said: 'npm error code EAI_AGAIN', means: 'The package registry could not be reached' },
  { said: 'npm error code SELF_SIGNED_CERT_IN_CHAIN', means: "The registry's certificate is not trusted here" },
  { said: 'npm error code EACCES', means: 'npm may not write there' },
  { said: 'npm error something else', means: '"npm install" ended with code 1.' },
])('"$said" is explained, and kept', ({ said, means }) => {
  expect(explain(1, said)).toContain(means)
  expect(explain(1, said)).toContain(said)
})

test('a missing npm is explained', () => {
  expect(explain(127, 'spawn npm ENOENT')).toMatch(/^npm is not there\. Install it/)
})
