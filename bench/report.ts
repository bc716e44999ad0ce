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

/** Prints the promise, a row for each figure, and the JSON line that `npm run bench -- --record` keeps. */
export function report(promise: string, figures: readonly Figure[]): void {
  const width = Math.max(...figures.map(({ what }) => what.length))
  console.log(promise)
  for (const { what, value, unit } of figures)
    console.log(`  ${what.padEnd(width)}  ${rounded(value).padStart(12)} ${unit}`)
  console.log(JSON.stringify({ promise, figures }))
}

/** Three digits that mean something, and all of a whole number. */
function rounded(value: number): string {
  return (Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3))).toLocaleString('en-GB')
}
