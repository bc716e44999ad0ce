import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { told, TrackedMachine } from '../../testing/tracked-machine.ts'

// Goal: a look at one path goes through links as a look at everything does.

let folder = ''
let machine: TrackedMachine
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-steps-'))
  machine = new TrackedMachine()
})
afterEach(() => {
  machine[Symbol.dispose]()
  rmSync(folder, { recursive: true, force: true })
})

function sh(script: string): void {
  execFileSync('bash', ['-euc', script], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
}

const touched = (...paths: string[]) =>
  machine.look({ kind: 'touched', paths: paths.map((path) => ({ path: `${folder}/${path}`, isDeep: true })) })

test('behind a link the entry that follows it says how, not the one before it that ignores links', () => {
  sh('mkdir -p t o; echo 1 > o/x; ln -s ../o t/l')
  machine.entries(
    { destinationPath: `${folder}/t/*`, links: 'Ignore', checksum: 'mtime', groupTag: 'ignores' },
    { destinationPath: `${folder}/t/*`, links: 'Follow', groupTag: 'follows' },
  )
  machine.look()
  sh('sleep 0.06; echo 2 > o/x')
  const looked = touched('t/l/x')
  expect(told(folder, looked)).toEqual(['Modified t/l/x (FileContentChecksum, DateModified, DateChanged)'])
  expect(looked.changes[0]?.['GroupTag']).toBe('follows')
  expect(told(folder, machine.look())).toEqual([])
  sh('rm o/x')
  expect(machine.look().changes).toMatchObject([{ ChangeCategory: 'Removed', GroupTag: 'follows' }])
})

test.each(['Ignore', 'Manage', 'Follow'])('a folder that becomes a link into the tree, links: %s', (links) => {
  sh('mkdir -p t/d t/e; echo 1 > t/d/x; echo 2 > t/e/x')
  machine.entries({ destinationPath: `${folder}/t/x*`, links })
  machine.look()
  sh('rm -r t/d; ln -s e t/d')
  expect(told(folder, touched('t/d/x'))).toEqual(['Removed t/d/x'])
  expect(told(folder, machine.look())).toEqual([])
})

test('a link that cannot be gone through hides what is behind it: nothing is told', ({ skip }) => {
  if (process.getuid?.() !== 0) skip('only root can look as somebody else')
  sh('mkdir -p t o/p; echo 1 > o/p/x; ln -s ../o/p t/l; chmod 755 . t o o/p')
  machine.entries({ destinationPath: `${folder}/t/*` })
  machine.look()
  sh('chmod 700 o')
  process.seteuid?.(65_534)
  try {
    expect(told(folder, touched('t/l/x'))).toEqual([])
  } finally {
    process.seteuid?.(0)
  }
  expect(told(folder, machine.look())).toEqual([])
})

test('a link that is not gone through stands beside names that begin like its own', () => {
  sh('mkdir -p t o; touch o/x t/a-b t/a.conf; ln -s ../o t/a')
  machine.entries({ destinationPath: `${folder}/t/*` })
  machine.look()
  sh('touch -d 2001-01-01 t/a.conf; touch t/a0')
  expect(told(folder, touched('t'))).toEqual(['Modified t/a.conf (DateModified, DateChanged)', 'Added t/a0'])
  expect(told(folder, machine.look())).toEqual([])
})

test('behind a link to itself is nothing', () => {
  sh('mkdir -p t/a; touch t/a/x')
  machine.entries({ destinationPath: `${folder}/t/a/*`, links: 'Ignore' })
  machine.look()
  sh('rm -r t/a; ln -s a t/a')
  const looked = touched('t/a/x')
  expect(looked.visibility).toEqual([])
  expect(told(folder, looked)).toEqual(['Removed t/a/x'])
})

test('what nobody asks for any more is forgotten, seen or not', ({ skip }) => {
  if (process.getuid?.() !== 0) skip('only root can look as somebody else')
  sh('mkdir -p t/d; touch t/d/x; chmod 755 . t t/d')
  machine.entries({ destinationPath: `${folder}/t/*` })
  machine.look()
  sh('chmod 700 t/d')
  machine.entries({ destinationPath: `${folder}/t/*`, exclude: ['d'] })
  process.seteuid?.(65_534)
  try {
    const looked = touched('t/d/x')
    expect([told(folder, looked), looked.visibility]).toEqual([[], []])
  } finally {
    process.seteuid?.(0)
  }
  using known = machine.state.knownFiles()
  expect(known.record(`${folder}/t/d/x`)).toBeUndefined()
})
