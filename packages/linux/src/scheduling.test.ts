import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

import { expect, test } from 'vitest'

import { comeFirst } from './scheduling.ts'

/** The real-time priority of this thread, 0 for an ordinary one (proc_pid_stat(5), field 40), and its nice value (19). */
function standing(): { realtime: number; nice: number } {
  const fields = readFileSync('/proc/thread-self/stat', 'latin1').split(') ')[1]!.split(' ')
  return { realtime: Number(fields[37]), nice: Number(fields[16]) }
}

test.skipIf(process.getuid?.() !== 0)('a thread comes first, and goes back (needs root)', () => {
  comeFirst(true)
  const first = standing()
  const child = spawnSync('cut', ['-d', ' ', '-f', '40', '/proc/self/stat'], { encoding: 'utf8' })
  comeFirst(false)
  expect(first.realtime === 1 || first.nice === -10).toBe(true)
  expect(child.stdout.trim()).toBe('0')
  expect(standing()).toEqual({ realtime: 0, nice: 0 })
})
