/** Where a table stands: rows above its first row in sight, and the pixels by which that one is cut off. */
export interface Sight {
  readonly scrollTop: number
  readonly rowPixels: number
}

/**
 * How many pixels to scroll so that the row being read stays where it is when other rows come or go above it. 0 at the
 * very top, where the newest row shall be seen, and when the row is not there any more.
 */
export function pixelsToStay<Row>(
  rows: { readonly before: readonly Row[]; readonly after: readonly Row[] },
  keyOf: (row: Row) => string,
  { scrollTop, rowPixels }: Sight,
): number {
  const index = Math.floor(scrollTop / rowPixels)
  const read = rows.before[index]
  if (scrollTop <= 0 || read === undefined) return 0
  const key = keyOf(read)
  const next = rows.after.findIndex((row) => keyOf(row) === key)
  return next === -1 ? 0 : (next - index) * rowPixels
}
