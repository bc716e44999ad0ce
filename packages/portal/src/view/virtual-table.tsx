/* oxlint-disable jsx-a11y/prefer-tag-over-role -- rows in sight stand at absolute places, which a table element cannot */
import { useVirtualizer, type Virtualizer } from '@tanstack/react-virtual'
import {
  type CSSProperties,
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react'

import { pixelsToStay } from './steady-view.ts'

/** A column of a table. */
export interface TableColumn<Row> {
  readonly title: string
  /** CSS grid width, `minmax(80px, 1fr)`. */
  readonly width: string
  readonly cell: (row: Row) => ReactNode
  /** Left out where the page is narrow. */
  readonly isMinor?: boolean
}

export interface VirtualTableProps<Row> {
  readonly label: string
  readonly rows: readonly Row[]
  readonly columns: readonly TableColumn<Row>[]
  readonly keyOf: (row: Row) => string
  readonly onOpen: (row: Row) => void
  readonly testId: string
}

const ROW_PIXELS = 36
/** The head stays at the top of what scrolls, so that its columns are as wide as those of the rows. */
const HEAD_PIXELS = 32

/** A table of any number of rows; only those in sight are in the page. Arrows move, Enter opens. */
export function VirtualTable<Row>(props: VirtualTableProps<Row>): ReactNode {
  const { label, rows, columns, keyOf } = props
  const scroller = useRef<HTMLDivElement>(null)
  // oxlint-disable-next-line react/incompatible-library -- its functions are not handed on to what is memoised
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PIXELS,
    // By key, so that the element that has the focus goes with its row when others arrive above.
    getItemKey: (index) => {
      const row = rows[index]
      return row === undefined ? index : keyOf(row)
    },
    overscan: 12,
    scrollMargin: HEAD_PIXELS,
    scrollPaddingStart: HEAD_PIXELS,
  })
  useSteadyView(props, scroller)
  const { activeIndex, setActive, onKeyDown } = useRowKeys(props, virtual, scroller)
  const items = virtual.getVirtualItems()
  const inSight = items.some(({ index }) => index === activeIndex)
  return (
    <div className="table" ref={scroller} style={sizesOf(props)}>
      <div role="table" aria-label={label} aria-rowcount={rows.length + 1}>
        <div className="table-head" role="row" aria-rowindex={1}>
          {columns.map(({ title, isMinor }) => (
            <div key={title} role="columnheader" className={isMinor ? 'minor' : ''}>
              {title}
            </div>
          ))}
        </div>
        <div className="table-body" role="rowgroup" style={{ height: rows.length * ROW_PIXELS }}>
          {items.map(({ key, index }, place) => (
            <TableRow
              key={key}
              table={props}
              index={index}
              isTabStop={inSight ? index === activeIndex : place === 0}
              onFocus={() => setActive(index)}
              onKeyDown={(event) => onKeyDown(event, index)}
            />
          ))}
        </div>
      </div>
    </div>
  )
}

interface TableRowProps<Row> {
  readonly table: VirtualTableProps<Row>
  readonly index: number
  readonly isTabStop: boolean
  readonly onFocus: () => void
  readonly onKeyDown: (event: KeyboardEvent) => void
}

function TableRow<Row>({ table, index, isTabStop, onFocus, onKeyDown }: TableRowProps<Row>): ReactNode {
  const row = table.rows[index]
  if (row === undefined) return null
  return (
    <div
      data-index={index}
      data-testid={table.testId}
      className="table-row"
      role="row"
      aria-rowindex={index + 2}
      tabIndex={isTabStop ? 0 : -1}
      style={{ transform: `translateY(${index * ROW_PIXELS}px)` }}
      onClick={() => table.onOpen(row)}
      onFocus={onFocus}
      onKeyDown={onKeyDown}
    >
      {table.columns.map(({ title, cell, isMinor }) => (
        <div key={title} role="cell" className={isMinor ? 'cell minor' : 'cell'}>
          {cell(row)}
        </div>
      ))}
    </div>
  )
}

/** Keeps the row being read in its place when rows arrive above it. */
function useSteadyView<Row>({ rows, keyOf }: VirtualTableProps<Row>, scroller: RefObject<HTMLDivElement | null>): void {
  const shown = useRef({ rows, keyOf })
  useLayoutEffect(() => {
    const before = shown.current.rows
    shown.current = { rows, keyOf }
    const element = scroller.current
    if (element === null || before === rows) return
    const pixels = pixelsToStay({ before, after: rows }, keyOf, {
      scrollTop: element.scrollTop,
      rowPixels: ROW_PIXELS,
    })
    if (pixels !== 0) element.scrollBy(0, pixels)
  }, [rows, keyOf, scroller])
}

interface RowKeys {
  readonly activeIndex: number
  readonly setActive: (index: number) => void
  readonly onKeyDown: (event: KeyboardEvent, index: number) => void
}

/** The table is one stop for the Tab key; inside of it arrows, Page Up and Down, Home and End move from row to row. */
function useRowKeys<Row>(
  { rows, onOpen }: VirtualTableProps<Row>,
  virtual: Virtualizer<HTMLDivElement, Element>,
  scroller: RefObject<HTMLDivElement | null>,
): RowKeys {
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
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / ROW_PIXELS) - 1)
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -rows.length, End: rows.length }
    const step = Object.entries(steps).find(([key]) => key === event.key)?.[1]
    if (step !== undefined) {
      event.preventDefault()
      const next = Math.max(0, Math.min(rows.length - 1, index + step))
      wanted.current = next
      setActive(next)
      virtual.scrollToIndex(next)
    } else if ((event.key === 'Enter' || event.key === ' ') && row !== undefined) {
      event.preventDefault()
      onOpen(row)
    }
  }
  return { activeIndex, setActive, onKeyDown }
}

function sizesOf<Row>({ columns, rows }: VirtualTableProps<Row>): CSSProperties {
  const widths = (some: readonly TableColumn<Row>[]): string => some.map(({ width }) => width).join(' ')
  const style: CSSProperties & Readonly<Record<'--columns' | '--columns-narrow' | '--height', string>> = {
    '--height': `${HEAD_PIXELS + rows.length * ROW_PIXELS + 2}px`,
    '--columns': widths(columns),
    '--columns-narrow': widths(columns.filter(({ isMinor }) => !isMinor)),
  }
  return style
}
