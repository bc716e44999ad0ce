import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { filesChapter, type Findings } from './files/chapter.ts'
import { checkers } from './files/checkers.ts'
import { type Contest, hold, type LeftOut, withoutBlind } from './files/contest.ts'
import type { Contestant, Ground } from './files/contestant.ts'
import { debianPrograms } from './files/debian-programs.ts'
import { packagedTidemark, tidemarkScan } from './files/ours.ts'
import { findPrintf, findSha256sum, opensslDigest, readAll } from './files/plain-programs.ts'
import { answers } from './files/questions.ts'
import { makeLargeFiles, makeSmallFiles } from './files/trees.ts'
import { hasContestants, isFull, isOnce, report } from './report.ts'

export const promise = 'Files: the scan is the fastest in the field, first and again, and its memory does not grow'

const SIZES = {
  once: { a: 2_000, b: '/usr/sbin', cBytes: 8 * 1024 ** 2, d: 8_000, rounds: 1, secondsMax: 20 },
  reduced: { a: 20_000, b: '/usr/share', cBytes: 64 * 1024 ** 2, d: 100_000, rounds: 3, secondsMax: 60 },
  full: { a: 100_000, b: '/usr', cBytes: 512 * 1024 ** 2, d: 1_000_000, rounds: 3, secondsMax: 90 },
}
const size = isFull ? SIZES.full : isOnce ? SIZES.once : SIZES.reduced
const LARGE_COUNT = 4

/** What is the same on each tree. */
type Given = Pick<Ground, 'programs' | 'ours'>

// Not below /tmp, which is often in memory.
const home = mkdtempSync('/var/tmp/tidemark-bench-files-')
const contests: Contest[] = []
try {
  const given: Given = {
    programs: debianPrograms(hasContestants ? join(home, 'debian') : undefined),
    ours: packagedTidemark(join(home, 'package')),
  }
  contests.push(smallFiles(given), machine(given), largeFiles(given), manyFiles(given))
} finally {
  rmSync(home, { recursive: true, force: true })
}

const rows = contests.flatMap((contest) => contest.rows)
const findings: Findings = {
  trees: {
    a: `${size.a.toLocaleString('en-GB')} files of 200 to 4,300 bytes`,
    b: `\`${size.b}\``,
    c: `${LARGE_COUNT} files of ${size.cBytes / 1024 ** 2} MiB`,
    d: `${size.d.toLocaleString('en-GB')} files of 200 to 400 bytes`,
  },
  rows,
  answers: answers(rows),
  leftOut: contests.flatMap((contest) => contest.leftOut),
}
console.log(filesChapter(findings))
const figures = findings.answers.flatMap(({ question, value, unit }) =>
  value === undefined ? [] : [{ what: question.replaceAll(/[`\\]/g, ''), value, unit: unit === '' ? '×' : unit }],
)
report(promise, figures, findings)

function smallFiles(given: Given): Contest {
  return onTree(
    'a',
    (ground) => {
      makeSmallFiles(ground.tree, { count: size.a, bytesMin: 200, bytesMax: 4_300 })
      using stack = new DisposableStack()
      const { contestants, missing } = checkersOn(ground, stack)
      const all = [tidemarkScan(ground, ['baseline', 'rescan', 'full']), findSha256sum(ground), ...contestants]
      const contest = withoutBlind(
        all,
        hold('a', all, size, () => readAll(ground.tree)),
        ground.tree,
      )
      return { rows: contest.rows, leftOut: [...missing, ...contest.leftOut] }
    },
    given,
  )
}

/** All that are there and can be set up; what they leave elsewhere goes with `stack`. */
function checkersOn(ground: Ground, stack: DisposableStack): { contestants: Contestant[]; missing: LeftOut[] } {
  const contestants: Contestant[] = []
  const missing: LeftOut[] = []
  for (const [name, make] of Object.entries(checkers)) {
    const program = ground.programs.find(name)
    try {
      if (program === undefined) throw new Error('it is not installed; with --contestants the bench unpacks it')
      const contestant = make({ ...ground, folder: subfolder(ground.folder, name) }, program)
      stack.defer(() => contestant[Symbol.dispose]?.())
      contestants.push(contestant)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      console.error(`  a: ${name} is left out: ${why}`)
      missing.push({ tree: 'a', contestant: name, why })
    }
  }
  return { contestants, missing }
}

function machine(given: Given): Contest {
  return onTree(
    'b',
    (ground) => {
      const contestants = [tidemarkScan(ground, ['baseline']), findSha256sum(ground)]
      // The first reading fills the cache.
      hold('b', contestants.slice(1), { ...size, rounds: 1 })
      return hold('b', contestants, size)
    },
    given,
    size.b,
  )
}

function largeFiles(given: Given): Contest {
  return onTree(
    'c',
    (ground) => {
      makeLargeFiles(ground.tree, { count: LARGE_COUNT, bytes: size.cBytes })
      return hold('c', [tidemarkScan(ground, ['baseline']), findSha256sum(ground), opensslDigest(ground)], size)
    },
    given,
  )
}

function manyFiles(given: Given): Contest {
  return onTree(
    'd',
    (ground) => {
      makeSmallFiles(ground.tree, { count: size.d, bytesMin: 200, bytesMax: 400 })
      return hold('d', [tidemarkScan(ground, ['baseline', 'rescan']), findPrintf(ground)], size)
    },
    given,
  )
}

/** A tree and a folder beside it, both gone afterwards; `tree` is one of the machine's, which stays. */
function onTree(name: string, contest: (ground: Ground) => Contest, given: Given, tree?: string): Contest {
  console.error(`  ${name}: ${tree ?? 'making the tree'}`)
  const place = subfolder(home, name)
  try {
    return contest({ tree: tree ?? join(place, 'tree'), folder: subfolder(place, 'work'), ...given })
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}

function subfolder(folder: string, name: string): string {
  const path = join(folder, name)
  mkdirSync(path, { recursive: true, mode: 0o755 })
  return path
}
