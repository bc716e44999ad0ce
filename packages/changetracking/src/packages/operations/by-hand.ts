import type { Operation, PackageStep } from './operation.ts'

/** How long after apt's last sign of life a run of dpkg may begin that is still apt's, in milliseconds. */
const APART_MS = 5_000

/** What `partRuns` makes of them. */
export interface PartedRuns {
  /** Runs of dpkg that nobody's operation but their own. */
  readonly byHand: readonly Operation[]
  /** Operations of apt; one that was killed ends with the last of its runs. */
  readonly apt: readonly Operation[]
}

/**
 * Tells runs of dpkg that apt started, which belong to apt's operation, from those that somebody started by hand. Both in the
 * order of their logs; times are whole seconds.
 */
export function partRuns(runs: readonly Operation[], apt: readonly Operation[]): PartedRuns {
  const byHand: Operation[] = []
  const ends = new Map<string, number>()
  for (const run of runs) {
    const owner = apt.findLast((each) => isPartOf(run, each, ends.get(each.id)))
    if (owner === undefined) byHand.push(run)
    else ends.set(owner.id, run.endMs ?? run.startMs ?? 0)
  }
  const dated = apt.map((each) => {
    const endMs = ends.get(each.id)
    return each.outcome === 'interrupted' && each.endMs === undefined && endMs !== undefined ? { ...each, endMs } : each
  })
  return { byHand, apt: dated }
}

function isPartOf(run: Operation, apt: Operation, lastMs: number | undefined): boolean {
  if (run.startMs === undefined || apt.startMs === undefined || run.startMs < apt.startMs) return false
  if (apt.outcome === undefined) return true
  if (apt.endMs === undefined) return run.startMs <= (lastMs ?? apt.startMs) + APART_MS && isWorkOf(run, apt)
  if (run.startMs > apt.endMs) return false
  // Only in the seconds in which apt began and ended may there be both: then what was done tells.
  return (run.startMs > apt.startMs && run.startMs < apt.endMs) || isWorkOf(run, apt)
}

/** Whether a run did nothing but what apt wanted to be done. */
function isWorkOf(run: Operation, apt: Operation): boolean {
  const wanted = new Set(apt.packages.map((step) => `${step.name} ${isRemoval(step)}`))
  return run.packages.every(
    (step) => step.action === 'configure' || step.action === 'trigger' || wanted.has(`${step.name} ${isRemoval(step)}`),
  )
}

function isRemoval({ action }: PackageStep): boolean {
  return action === 'remove' || action === 'purge'
}
