import { isFromTheMiddle } from '../packages/verdicts/package-judge.ts'
import type { PathBytes } from './file-name.ts'
import type { Findings } from './scan/findings.ts'

/** Paths that one look leaves to be looked at again; what it meets beyond is kept as `cannot say`. */
export const AGAIN_MAX = 10_000

/**
 * What a whole look found, parted: what can be kept, and the paths that it met while a package manager was in the middle of
 * their package. Those are to be looked at again: they are not kept, so the next look finds them as if this one had not been.
 * A rename is kept as it is, for it is about two paths. `waiting` are the paths that wait already.
 */
export function settledPart(
  findings: Findings,
  waiting: number,
): { readonly kept: Findings; readonly again: readonly PathBytes[] } {
  const again = new Set(
    findings.changes
      .filter(({ columns }) => isFromTheMiddle(columns) && columns.PreviousFileSystemPath === undefined)
      .slice(0, Math.max(0, AGAIN_MAX - waiting))
      .map(({ path }) => path),
  )
  if (again.size === 0) return { kept: findings, again: [] }
  const stays = ({ path }: { readonly path: PathBytes }): boolean => !again.has(path)
  const kept = { ...findings, updates: findings.updates.filter(stays), changes: findings.changes.filter(stays) }
  return { kept, again: [...again] }
}
