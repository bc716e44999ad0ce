import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { StoreUnavailable } from '../../ports.ts'
import { describeContentStore } from '../store/content-store.contract.ts'
import { DiskStore } from './disk-store.ts'

const hash = 'ab'.repeat(32)

describeContentStore('files on disk', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-contents-'))
  return {
    store: await DiskStore.open(folder),
    reopen: async () => await DiskStore.open(folder),
    [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true }),
  }
})

test('only the owner reads them, and nothing but whole ones is left after a crash', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-contents-'))
  mkdirSync(join(folder, 'ab'))
  writeFileSync(join(folder, 'ab', '.draft-1'), 'half')
  await using store = await DiskStore.open(folder)
  await store.put(hash, Buffer.from('x'))
  expect(readdirSync(join(folder, 'ab'))).toEqual([`${hash}.zst`])
  expect(statSync(join(folder, 'ab', `${hash}.zst`)).mode & 0o777).toBe(0o600)
  rmSync(folder, { recursive: true })
})

test('a disk that says no is an error that passes, and leaves nothing behind', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-contents-'))
  await using store = await DiskStore.open(folder)
  writeFileSync(join(folder, 'ab'), 'a file in the way')
  await expect(store.put(hash, Buffer.from('x'))).rejects.toThrow(StoreUnavailable)
  expect(readdirSync(folder)).toEqual(['ab'])
  rmSync(folder, { recursive: true })
})
