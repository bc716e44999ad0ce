import { type RefObject, useLayoutEffect, useRef } from 'react'

import { pixelsToStay } from './steady-view.ts'

/** Keeps the row being read in its place when rows arrive above it. */
export function useSteadyView<Row>(
  { rows, keyOf }: { readonly rows: readonly Row[]; readonly keyOf: (row: Row) => string },
  { scroller, rowPixels }: { readonly scroller: RefObject<HTMLDivElement | null>; readonly rowPixels: number },
): void {
  const shown = useRef({ rows, keyOf })
  useLayoutEffect(() => {
    const before = shown.current.rows
    shown.current = { rows, keyOf }
    const element = scroller.current
    if (element === null || before === rows) return
    const pixels = pixelsToStay({ before, after: rows }, keyOf, { scrollTop: element.scrollTop, rowPixels })
    if (pixels !== 0) element.scrollBy(0, pixels)
  }, [rows, keyOf, scroller, rowPixels])
}
