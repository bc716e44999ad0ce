import type { Virtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type RefObject, useEffect, useRef, useState } from 'react'

/** How a table is moved through by keys. */
export interface RowKeys {
  readonly activeIndex: number
  readonly setActive: (index: number) => void
  readonly onKeyDown: (event: KeyboardEvent, index: number) => void
}

interface Moved<Row> {
  readonly rows: readonly Row[]
  readonly onOpen: (row: Row) => void
  readonly isOpened?: (row: Row) => boolean | undefined
}

interface Place {
  readonly virtual: Virtualizer<HTMLDivElement, Element>
  readonly scroller: RefObject<HTMLDivElement | null>
  readonly rowPixels: number
}

/**
 * The table is one stop for the Tab key; inside of it arrows, Page Up and Down, Home and End move from row to row, Enter
 * opens a row, Right and Left open and close one that has others inside.
 */
export function useRowKeys<Row>(moved: Moved<Row>, { virtual, scroller, rowPixels }: Place): RowKeys {
  const { rows, onOpen, isOpened } = moved
  const [activeIndex, setActive] = useState(0)
  const wanted = useRef<number>(undefined)
  useEffect(() => {
    // The row that shall get the focus may have to be scrolled to first; then it is there one of the next times.
    const row = scroller.current?.querySelector<HTMLElement>(`[data-index="${wanted.current}"]`)
    if (!row) return
    wanted.current = undefined
    row.focus({ preventScroll: true })
  })
  const onKeyDown = (event: KeyboardEvent, index: number): void => {
    const row = rows[index]
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowPixels) - 1)
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -rows.length, End: rows.length }
    const step = Object.entries(steps).find(([key]) => key === event.key)?.[1]
    if (step !== undefined) {
      event.preventDefault()
      const next = Math.max(0, Math.min(rows.length - 1, index + step))
      wanted.current = next
      setActive(next)
      virtual.scrollToIndex(next)
    } else if (row !== undefined && opens(event.key, isOpened?.(row))) {
      event.preventDefault()
      onOpen(row)
    }
  }
  return { activeIndex, setActive, onKeyDown }
}

function opens(key: string, isOpen: boolean | undefined): boolean {
  if (key === 'ArrowRight') return isOpen === false
  if (key === 'ArrowLeft') return isOpen === true
  return key === 'Enter' || key === ' '
}
