import { appendFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

import type { Contestant, Step, Work } from './contestant.ts'
import { type Run, runMeasured } from './process.ts'

/** One row of a tree's table. */
export interface Row {
  readonly tree: string
  readonly contestant: string
  readonly work: Work
  readonly what: string
  readonly rounds: number
  readonly seconds: { readonly median: number; readonly min: number }
  /** Median. */
  readonly cpuSeconds: number
  /** The highest of all rounds. */
  readonly peakMib: number
}

/** A contestant that could not be measured, and why. */
export interface LeftOut {
  readonly tree: string
  readonly contestant: string
  readonly why: string
}

export interface Contest {
  readonly rows: readonly Row[]
  readonly leftOut: readonly LeftOut[]
}

/** Ends a contestant's part: for the rest of the tree it is left out. */
class Failure extends Error {}

/**
 * Measures all contestants on one tree, interleaved: each once a round, and another one first in each. One that fails or
 * takes longer than `secondsMax` for a step is left out; ours must not, so its failure is thrown. `warm` comes before each
 * of them, not measured: tripwire tells the kernel to forget what it has read (posix_fadvise(2)), and whoever came next
 * would pay for that.
 */
export function hold(
  tree: string,
  contestants: readonly Contestant[],
  limits: { readonly rounds: number; readonly secondsMax: number },
  warm?: () => void,
): Contest {
  const runs = new Map<Step, Run[]>()
  const leftOut = new Map<string, LeftOut>()
  const leave = (contestant: Contestant, error: unknown): void => {
    if (!(error instanceof Failure) || contestant.name === 'tidemark') throw error
    console.error(`  ${tree}: ${contestant.name} is left out: ${error.message}`)
    leftOut.set(contestant.name, { tree, contestant: contestant.name, why: error.message })
  }
  for (let round = 0; round < limits.rounds; round++) {
    const turned = contestants.map((_, index) => contestants[(index + round) % contestants.length])
    for (const contestant of turned) {
      if (contestant === undefined || leftOut.has(contestant.name)) continue
      warm?.()
      try {
        for (const step of contestant.steps) {
          const run = runStep(step, limits.secondsMax)
          runs.set(step, [...(runs.get(step) ?? []), run])
        }
      } catch (error) {
        leave(contestant, error)
      }
    }
  }
  const stayed = contestants.filter(({ name }) => !leftOut.has(name))
  return {
    rows: stayed.flatMap(({ name, steps }) =>
      steps.map((step) => ({ tree, contestant: name, ...rowOf(step, runs.get(step) ?? []) })),
    ),
    leftOut: [...leftOut.values()],
  }
}

/**
 * Changes one file below `folder` and runs every rescan once more: who does not see it has not looked, and its figures are
 * worth nothing. Ours must; the others are left out.
 */
export function withoutBlind(contestants: readonly Contestant[], contest: Contest, folder: string): Contest {
  const first = readdirSync(folder, { recursive: true, withFileTypes: true }).find((entry) => entry.isFile())
  if (first === undefined) throw new Error(`${folder} has no file to change`)
  appendFileSync(join(first.parentPath, first.name), 'changed')
  const leftOut = [...contest.leftOut]
  for (const { name, steps, sees } of contestants) {
    const rescan = steps.find(({ work }) => work === 'rescan')
    if (sees === undefined || rescan === undefined || leftOut.some(({ contestant }) => contestant === name)) continue
    rescan.prepare?.()
    const run = runMeasured(rescan)
    if (sees(run)) continue
    const why = `${rescan.what} did not see a changed file (code ${run.code}): ${run.output.trim()}`
    if (name === 'tidemark') throw new Error(why)
    const tree = contest.rows.find((row) => row.contestant === name)?.tree ?? ''
    console.error(`  ${tree}: ${name} is left out: ${why}`)
    leftOut.push({ tree, contestant: name, why: `${rescan.what} did not see a changed file` })
  }
  const isThere = (row: Row): boolean => !leftOut.some(({ contestant }) => contestant === row.contestant)
  return { rows: contest.rows.filter(isThere), leftOut }
}

function runStep(step: Step, secondsMax: number): Run {
  step.prepare?.()
  const run = runMeasured({ ...step, words: ['timeout', String(secondsMax), ...step.words] })
  const lastLine = run.output.trim().split('\n').at(-1) ?? ''
  if (run.code === 124) throw new Failure(`${step.what} takes longer than ${secondsMax} s here`)
  if (!step.codes.includes(run.code)) throw new Failure(`${step.what} ended with code ${run.code}: ${lastLine}`)
  return run
}

function rowOf({ work, what }: Step, runs: readonly Run[]): Omit<Row, 'tree' | 'contestant'> {
  const seconds = runs.map((run) => run.seconds)
  return {
    work,
    what,
    rounds: runs.length,
    seconds: { median: median(seconds), min: Math.min(...seconds) },
    cpuSeconds: median(runs.map((run) => run.cpuSeconds)),
    peakMib: Math.max(...runs.map((run) => run.peakMib)),
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = sorted.length / 2
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2
}
