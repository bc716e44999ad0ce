import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import type { Contestant, Ground, Step } from './contestant.ts'
import { runPlain } from './process.ts'

const build = join(import.meta.dirname, '../../tools/package/build.ts')

/** Unpacks `tidemark` below `folder` as its package brings it to a machine. Returns the words that start it there. */
export function packagedTidemark(folder: string): readonly string[] {
  mkdirSync(folder, { recursive: true })
  const words = ['--out', folder, '--arch', process.arch, '--format', 'deb', '--fast']
  runPlain({ words: [process.execPath, build, ...words] })
  const deb = readdirSync(folder).find((name) => name.endsWith('.deb')) ?? ''
  const root = join(folder, 'root')
  runPlain({ words: ['dpkg-deb', '-x', join(folder, deb), root] })
  // It names the folders of a machine that it is installed on.
  const start = join(folder, 'tidemark')
  const text = readFileSync(join(root, 'usr/bin/tidemark'), 'utf8').replaceAll(
    '/usr/lib/tidemark',
    `${root}/usr/lib/tidemark`,
  )
  writeFileSync(start, text, { mode: 0o755 })
  return [start]
}

/** `tidemark scan`, started as a user starts it: with node's start and the state written. */
export function tidemarkScan(
  { tree, folder, ours }: Ground,
  works: readonly ('baseline' | 'rescan' | 'full')[],
): Contestant {
  const rule = join(folder, 'rule.json')
  const state = join(folder, 'state')
  const entry = { name: 'bench', destinationPath: tree, recurse: true, type: '*', links: 'Manage', checksum: 'sha256' }
  writeFileSync(rule, JSON.stringify({ fileSettings: { fileInfo: [{ ...entry, enabled: true }] } }))
  const words = [...ours, 'scan', '--rule', rule, '--state', state, '--json']
  const steps: Record<'baseline' | 'rescan' | 'full', Step> = {
    baseline: {
      work: 'baseline',
      what: 'tidemark scan, the first one',
      words,
      codes: [0],
      prepare: () => rmSync(state, { recursive: true, force: true }),
    },
    rescan: { work: 'rescan', what: 'tidemark scan', words, codes: [0] },
    full: { work: 'full', what: 'tidemark scan --full', words: [...words, '--full'], codes: [0] },
  }
  return { name: 'tidemark', steps: works.map((work) => steps[work]), sees: ({ code }) => code === 1 }
}
