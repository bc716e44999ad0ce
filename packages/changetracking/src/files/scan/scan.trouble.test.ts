import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { told, TrackedMachine } from '../../testing/tracked-machine.ts'
import { DEPTH_MAX } from './walk.ts'

// Goal: what keeps a scan from looking, or changes under its hands, is told once and loses nothing.

let folder = ''
let machine: TrackedMachine
const isRoot = process.getuid?.() === 0
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-trouble-'))
  machine = new TrackedMachine().entries({ destinationPath: `${folder}/t`, pathType: 'Folder' })
})
afterEach(() => {
  machine[Symbol.dispose]()
  execFileSync('bash', ['-c', 'chmod -R u+rwx t; rm -rf t'], { cwd: folder, stdio: 'ignore' })
  rmSync(folder, { recursive: true, force: true })
})

function sh(script: string): void {
  execFileSync('bash', ['-euc', script], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
}

const reasons = ({ visibility }: ReturnType<TrackedMachine['look']>) =>
  visibility.map((row) => `${row['Reason']} ${String(row['Subject']).slice(folder.length + 1)}`)

/** Looks as somebody whom the file system refuses things. */
function lookUnprivileged(): ReturnType<TrackedMachine['look']> {
  if (!isRoot) return machine.look()
  process.seteuid?.(65_534)
  try {
    return machine.look()
  } finally {
    process.seteuid?.(0)
  }
}

test('what may not be read is told once, stays as it is known, and comes back without a word', () => {
  sh('mkdir -p t/d; echo 1 > t/a; echo 2 > t/d/x; chmod 755 . t t/d')
  lookUnprivileged()
  sh('chmod 700 t/d')
  expect(reasons(lookUnprivileged())).toEqual(['unreadable t/d'])
  sh('echo 3 > t/d/new')
  const again = lookUnprivileged()
  expect([told(folder, again), reasons(again)]).toEqual([[], []])
  sh('chmod 755 t/d')
  const back = lookUnprivileged()
  // What came while nobody could see it is tracked from now on.
  expect(told(folder, back)).toEqual([])
  expect(back.visibility.map((row) => row['Reason'])).toEqual(['baseline-started'])
  sh('rm t/d/x')
  expect(told(folder, lookUnprivileged())).toEqual(['Removed t/d/x'])
})

test('a file whose content may not be read is tracked by its facts, and compared by what was read last', () => {
  sh('mkdir t; echo 1 > t/a; chmod 755 . t')
  lookUnprivileged()
  sh('chmod 600 t/a')
  const refused = lookUnprivileged()
  expect(told(folder, refused)).toEqual(['Modified t/a (DateChanged, FileMode)'])
  expect(reasons(refused)).toEqual(['unreadable t/a'])
  const again = lookUnprivileged()
  expect([told(folder, again), reasons(again)]).toEqual([[], []])
  sh('echo 2 > t/a; chmod 644 t/a')
  const [said] = told(folder, lookUnprivileged())
  expect(said).toContain('FileContentChecksum')
})

test('folders go down a long way, and where they go further it is told', () => {
  const deep = (count: number): string => `for i in $(seq ${count}); do mkdir d; cd d; done`
  sh(`mkdir t; cd t; ${deep(DEPTH_MAX - 2 - folder.split('/').length)}; touch in; ${deep(8)}; touch out`)
  const first = machine.look()
  expect(first.visibility.map((row) => row['Reason'])).toEqual(['limit-reached', 'baseline-started'])
  expect(first.totals?.baselineCount).toBe(1)
  expect(machine.look().visibility).toEqual([])
})

test('a path longer than the kernel takes at once is tracked by its facts, and that it is not read is told once', () => {
  const name = 'n'.repeat(250)
  sh(`mkdir t; cd t; for i in $(seq 20); do mkdir ${name}; cd ${name}; done; echo 1 > x`)
  const first = machine.look()
  expect(first.totals?.baselineCount).toBe(1)
  expect(first.visibility.map((row) => row['Reason'])).toEqual(['unreadable', 'baseline-started'])
  expect(machine.look().visibility).toEqual([])
  sh(`cd t; for i in $(seq 20); do cd ${name}; done; echo 22 > x`)
  expect(told(folder, machine.look())[0]).toMatch(/^Modified .*\(Size, DateModified, DateChanged\)$/)
})

test('while others write, rename and remove, no look fails, and in the end all is as it is', async () => {
  sh('mkdir -p t/d')
  machine.look()
  const busy = `while :; do for i in 1 2 3 4 5; do echo $RANDOM >> t/$i; mv t/$i t/d/$i; ln -sf $i t/d/l; rm -rf t/e; mkdir t/e; mv t/d/$i t/e/; rm -f t/e; done; done`
  const child: ChildProcess = spawn('bash', ['-c', busy], { cwd: folder, stdio: 'ignore' })
  try {
    for (let count = 0; count < 150; count += 1) expect(machine.look().isDone).toBe(true)
  } finally {
    const ended = new Promise((resolve) => child.on('exit', resolve))
    child.kill('SIGKILL')
    await ended
  }
  machine.look()
  machine.look()
  expect(told(folder, machine.look())).toEqual([])
})
