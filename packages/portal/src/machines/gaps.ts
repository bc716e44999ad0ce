import type { AnswerRow } from '../api/answer-row.ts'

/** A time in which something could not be seen or kept. */
export interface Gap {
  readonly id: string
  /** Stable word of `docs/formats/visibility.md`. */
  readonly reason: string
  readonly type: string
  readonly subject: string
  readonly detail: string
  readonly fromMs: number
  /** Undefined for one whose end was not told. */
  readonly toMs: number | undefined
}

/** The gaps that rows of `TidemarkVisibility` tell. */
export function gapsIn(rows: readonly AnswerRow[]): Gap[] {
  return rows.map((row) => {
    const text = (name: string): string => String(row[name] ?? '')
    const toMs = Date.parse(text('To'))
    const fromMs = Date.parse(text('From'))
    return {
      id: text('RecordId'),
      reason: text('Reason'),
      type: text('ConfigChangeType'),
      subject: text('Subject'),
      detail: text('Detail'),
      fromMs: Number.isNaN(fromMs) ? Date.parse(text('TimeGenerated')) : fromMs,
      toMs: Number.isNaN(toMs) ? undefined : toMs,
    }
  })
}

/** A lane of the time line: one reason with its gaps. */
export interface Lane {
  readonly reason: string
  readonly marks: readonly { readonly id: string; readonly left: number; readonly width: number; readonly gap: Gap }[]
}

/** Marks that a lane has at most; the list below it has all. */
export const MARKS_MAX = 200

/** The lanes of a time line; places and widths in parts of its length, 0 to 1. One without an end is a point. */
export function lanesOf(gaps: readonly Gap[], range: { readonly fromMs: number; readonly toMs: number }): Lane[] {
  const placeOf = (ms: number): number => Math.max(0, Math.min(1, (ms - range.fromMs) / (range.toMs - range.fromMs)))
  const lanes = Map.groupBy(gaps, ({ reason }) => reason)
  return [...lanes].map(([reason, members]) => ({
    reason,
    marks: members.slice(0, MARKS_MAX).map((gap) => {
      const left = placeOf(gap.fromMs)
      return { id: gap.id, left, width: gap.toMs === undefined ? 0 : placeOf(gap.toMs) - left, gap }
    }),
  }))
}
