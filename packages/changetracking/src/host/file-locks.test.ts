import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { isLocked, isLockedIn } from './file-locks.ts'

test('a lock is found by the numbers of its file', () => {
  const text = [
    '1: POSIX  ADVISORY  WRITE 3421 103:02:131 0 EOF',
    '1: -> POSIX  ADVISORY  WRITE 3422 103:02:132 0 EOF',
    '2: FLOCK  ADVISORY  WRITE 77 00:2a:9 0 EOF',
    '3: LEASE  ACTIVE    READ  77 103:02:133 0 EOF',
    '',
  ].join('\n')
  const device = (0x103 << 8) | 2
  const inodes = [131, 132, 133, 134].filter((inode) => isLockedIn(text, { device, inode }))
  expect(inodes).toEqual([131])
  // btrfs and overlays: another minor number of no device.
  expect([isLockedIn(text, { device: 7, inode: 9 }), isLockedIn(text, { device: 0x807, inode: 9 })]).toEqual([
    true,
    false,
  ])
})

const python = '/usr/bin/python3'
const missing = existsSync(python) ? undefined : 'no python3'

test.skipIf(missing)(
  `the lock of a process is seen until it ends${missing ? ` (skipped: ${missing})` : ''}`,
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tidemark-lock-'))
    let holder: ChildProcess | undefined
    try {
      const path = join(folder, 'lock')
      writeFileSync(path, '')
      expect(isLocked(path)).toBe(false)
      const program = `import fcntl,sys\nf=open(${JSON.stringify(path)},'r+')\nfcntl.lockf(f,fcntl.LOCK_EX)\nprint('held',flush=True)\nsys.stdin.read()`
      holder = spawn(python, ['-c', program], { stdio: ['pipe', 'pipe', 'inherit'] })
      await once(holder.stdout ?? holder, 'data')
      expect(isLocked(path)).toBe(true)
      holder.stdin?.end()
      await once(holder, 'exit')
      expect(isLocked(path)).toBe(false)
      expect(isLocked(join(folder, 'none'))).toBe(false)
    } finally {
      holder?.kill()
      rmSync(folder, { recursive: true, force: true })
    }
  },
)
