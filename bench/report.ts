/** One measured figure. */
export interface Figure {
  /** What was measured, as a reader of the docs would say it. */
  readonly what: string
  readonly value: number
  /** `ms`, `records/s`, `MB`… */
  readonly unit: string
}

/** Whether this run is only to see that the bench works: the smallest sizes, one round. */
export const isOnce = process.env['TIDEMARK_BENCH'] === 'once'

/** Whether this run has the sizes that the documents name; where that would take long, others take less. */
export const isFull = process.env['TIDEMARK_BENCH'] === 'full'

/** Whether programs that are not installed are to be fetched for a comparison. */
export const hasContestants = process.env['TIDEMARK_BENCH_CONTESTANTS'] === '1'

/** Prints the promise, a row for each figure, and the JSON line that `npm run bench -- --record` keeps, with `more`. */
export function report(promise: string, figures: readonly Figure[], more: object = {}): void {
  const width = Math.max(0, ...figures.map(({ what }) => what.length))
  console.log(promise)
  for (const { what, value, unit } of figures)
    console.log(`  ${what.padEnd(width)}  ${rounded(value).padStart(12)} ${unit}`)
  console.log(JSON.stringify({ promise, figures, ...more }))
}

/** Three digits that mean something, and all of a whole number. */
function rounded(value: number): string {
  return (Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3))).toLocaleString('en-GB')
}
