import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { lockFile } from './file-lock.ts'
import { LinuxError } from './linux-error.ts'

let folder = ''
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'tidemark-lock-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('an exclusive lock keeps others out until its descriptor is closed', () => {
  const path = join(folder, 'a')
  const first = openSync(path, 'w')
  const second = openSync(path, 'r')
  expect(lockFile(first, 'exclusive')).toBe(true)
  expect(lockFile(second, 'exclusive')).toBe(false)
  expect(lockFile(second, 'shared')).toBe(false)
  closeSync(first)
  expect(lockFile(second, 'exclusive')).toBe(true)
  closeSync(second)
})

test('shared locks stand beside each other and keep an exclusive one out', () => {
  const path = join(folder, 'a')
  const [first, second, third] = [openSync(path, 'w'), openSync(path, 'r'), openSync(path, 'r')]
  expect([lockFile(first, 'shared'), lockFile(second, 'shared'), lockFile(third, 'exclusive')]).toEqual([
    true,
    true,
    false,
  ])
  for (const descriptor of [first, second, third]) closeSync(descriptor)
})

test('it is the lock that flock(1) takes, and it goes with a killed process', async () => {
  const path = join(folder, 'a')
  const holder = spawn('flock', [path, 'sh', '-c', 'echo held; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(holder.stdout, 'data')
  const own = openSync(path, 'r')
  expect(lockFile(own, 'exclusive')).toBe(false)
  // `flock` itself waits for the shell, which inherited the descriptor: both have to go.
  const ended = once(holder.stdout, 'close')
  spawn('sh', ['-c', `kill -9 $(cat /proc/${holder.pid}/task/${holder.pid}/children) ${holder.pid}`])
  await ended
  await expect.poll(() => lockFile(own, 'exclusive')).toBe(true)
  closeSync(own)
})

test('a descriptor that is none is an error with its number', () => {
  expect(() => lockFile(9_999, 'shared')).toThrow(LinuxError)
  expect(() => lockFile(9_999, 'shared')).toThrow('flock(9999): EBADF')
})
