import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

import { afterAll, expect, test } from 'vitest'

import { openLogFiles } from './package-logs.ts'

const root = mkdtempSync(join(tmpdir(), 'package-logs-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const files = openLogFiles(root)

test('a log is read from a place on, packed or not', () => {
  mkdirSync(join(root, 'log'))
  writeFileSync(join(root, 'log/a'), 'one\ntwo\n')
  writeFileSync(join(root, 'log/a.1.gz'), gzipSync('zero\n'))
  expect(files.status('/log/a')).toMatchObject({ sizeBytes: 8 })
  expect(files.status('/log')).toBeUndefined()
  expect(files.status('/log/none')).toBeUndefined()
  expect(files.read('/log/a', 4, 100)).toBe('two\n')
  expect(files.unpacked('/log/a.1.gz', 100)).toBe('zero\n')
  expect([files.unpacked('/log/a.1.gz', 2), files.unpacked('/log/a', 100)]).toEqual([undefined, undefined])
})

test('a lock is seen while a process holds it', async () => {
  writeFileSync(join(root, 'lock'), '')
  expect(files.isLocked(['/none'])).toBe(false)
  expect(files.isLocked(['/lock'])).toBe(false)
  const program =
    'open F, "+<", $ARGV[0]; use Fcntl; my $l = pack "s s l! l! i", F_WRLCK, 0, 0, 0, 0; fcntl F, F_SETLK, $l or die; $| = 1; print "held\\n"; <STDIN>'
  const holder = spawn('perl', ['-e', program, join(root, 'lock')], { stdio: ['pipe', 'pipe', 'inherit'] })
  await new Promise((resolve) => holder.stdout.once('data', resolve))
  expect(files.isLocked(['/none', '/lock'])).toBe(true)
  const ended = new Promise((resolve) => holder.once('exit', resolve))
  holder.stdin.end()
  await ended
  expect(files.isLocked(['/lock'])).toBe(false)
})

test('pacman’s lock is a file', () => {
  writeFileSync(join(root, 'db.lck'), '')
  expect(files.isLocked(['/db.lck'])).toBe(true)
})
