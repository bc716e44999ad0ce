import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import type { Contestant, Ground, Step } from './contestant.ts'

const program = join(import.meta.dirname, '../../packages', 'tidemark/bin/tidemark.mjs')

/** `tidemark scan`, started as a user starts it: with node's start and the state written. */
export function tidemarkScan({ tree, folder }: Ground, works: readonly ('baseline' | 'rescan' | 'full')[]): Contestant {
  const rule = join(folder, 'rule.json')
  const state = join(folder, 'state')
  const entry = { name: 'bench', destinationPath: tree, recurse: true, type: '*', links: 'Manage', checksum: 'sha256' }
  writeFileSync(rule, JSON.stringify({ fileSettings: { fileInfo: [{ ...entry, enabled: true }] } }))
  const words = [program, 'scan', '--rule', rule, '--state', state, '--json']
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
