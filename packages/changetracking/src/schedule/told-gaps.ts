import type { Gap } from '../collector.ts'
import type { TypeMemory } from '../state/records.ts'

/** Keys that are remembered as not seen; what is beyond them counts as `Added` when it is seen. */
export const HIDDEN_MAX = 10_000

/** By what a gap is known as told: it is told once, and again when it had ended and comes back. */
export function gapName(gap: Gap): string {
  return `${gap.reason} ${gap.subject}`
}

/** Gaps that were not told yet. */
export function freshGaps(memory: TypeMemory, gaps: readonly Gap[]): Gap[] {
  const told = new Set(memory.gaps)
  return gaps.filter((gap) => gap.detail !== '' && !told.has(gapName(gap)))
}
