/* oxlint-disable jsx-a11y/prefer-tag-over-role -- rows in sight stand at absolute places, which a table element cannot */
import { ArrowDown12Regular, ArrowUp12Regular } from '@fluentui/react-icons'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type CSSProperties, type KeyboardEvent, type ReactNode, type RefObject, useEffect, useRef } from 'react'

import { tableWords } from '../words/tables.ts'
import { type RowKeys, useRowKeys } from './row-keys.ts'
import { useSteadyView } from './steady-rows.ts'

/** A column of a table. */
export interface TableColumn<Row> {
  readonly id: string
  readonly title: string
  /** CSS grid width, `minmax(80px, 1fr)`. */
  readonly width: string
  readonly cell: (row: Row) => ReactNode
  /** Left out where the page is narrow. */
  readonly isMinor?: boolean
  /** What rows are sorted by when its head is chosen; without it the head is no button. */
  readonly sort?: string
  /** Numbers stand at the end of their cells. */
  readonly isNumber?: boolean
}

export interface VirtualTableProps<Row> {
  readonly label: string
  readonly rows: readonly Row[]
  readonly columns: readonly TableColumn<Row>[]
  readonly keyOf: (row: Row) => string
  readonly onOpen: (row: Row) => void
  readonly testId: string
  /** `-` before the name of the column for descending. */
  readonly sort?: string | undefined
  readonly onSort?: ((sort: string) => void) | undefined
  /** Whether a row is open, for those that have others inside; undefined for all others. */
  readonly isOpened?: (row: Row) => boolean | undefined
  /** Called when the last rows come into sight. */
  readonly onEnd?: () => void
  /** Called with whether the first row is in sight, when that changes. */
  readonly onTop?: (isAtTop: boolean) => void
  /** The row that is shown beside the table. */
  readonly currentKey?: string | undefined
}

/** Pixels of a row. */
export const ROW_PIXELS = 36
/** The head stays at the top of what scrolls, so that its columns are as wide as those of the rows. */
const HEAD_PIXELS = 32
/** Rows before the end at which more are asked for. */
const END_ROWS = 200

/** A table of any number of rows; only those in sight are in the page. Arrows move, Enter opens. */
export function VirtualTable<Row>(props: VirtualTableProps<Row>): ReactNode {
  const { label, rows, columns, keyOf, isOpened } = props
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
  useSteadyView(props, { scroller, rowPixels: ROW_PIXELS })
  const keys = useRowKeys(props, { virtual, scroller, rowPixels: ROW_PIXELS })
  const items = virtual.getVirtualItems()
  useEnds(props, { scroller, lastIndex: items.at(-1)?.index ?? 0 })
  const inSight = items.some(({ index }) => index === keys.activeIndex)
  return (
    <div className="table" ref={scroller} style={sizesOf(props)}>
      <div role={isOpened ? 'treegrid' : 'grid'} aria-label={label} aria-rowcount={rows.length + 1}>
        <div role="rowgroup">
          <TableHead {...props} columns={columns} />
        </div>
        <div className="table-body" role="rowgroup" style={{ height: rows.length * ROW_PIXELS }}>
          {items.map(({ key, index }, place) => (
            <TableRow
              key={key}
              table={props}
              index={index}
              isTabStop={inSight ? index === keys.activeIndex : place === 0}
              keys={keys}
            />
          ))}
        </div>
      </div>
    </div>
  )
}

/** Tells when the last rows come into sight, and whether the first one is. */
function useEnds<Row>(
  { rows, onEnd, onTop }: VirtualTableProps<Row>,
  { scroller, lastIndex }: { readonly scroller: RefObject<HTMLDivElement | null>; readonly lastIndex: number },
): void {
  const isAtEnd = lastIndex >= rows.length - END_ROWS
  useEffect(() => {
    if (isAtEnd) onEnd?.()
  }, [isAtEnd, onEnd])
  useEffect(() => {
    const element = scroller.current
    if (element === null || onTop === undefined) return undefined
    let isAtTop = true
    const look = (): void => {
      const next = element.scrollTop < ROW_PIXELS / 2
      if (next !== isAtTop) onTop(next)
      isAtTop = next
    }
    element.addEventListener('scroll', look, { passive: true })
    return () => element.removeEventListener('scroll', look)
  }, [onTop, scroller])
}

function TableHead<Row>({ columns, sort, onSort }: VirtualTableProps<Row>): ReactNode {
  return (
    <div className="table-head" role="row" aria-rowindex={1}>
      {columns.map((column) => {
        const isSorted = column.sort !== undefined && sort?.replace(/^-/, '') === column.sort
        const isDescending = sort?.startsWith('-') ?? false
        return (
          <div
            key={column.id}
            role="columnheader"
            className={classOf(column)}
            {...(isSorted ? { 'aria-sort': isDescending ? 'descending' : 'ascending' } : {})}
          >
            {column.sort === undefined || onSort === undefined ? (
              column.title
            ) : (
              <button
                type="button"
                title={tableWords.sortBy(column.title)}
                onClick={() => onSort(isSorted && !isDescending ? `-${column.sort}` : `${column.sort}`)}
              >
                {column.title}
                {isSorted ? isDescending ? <ArrowDown12Regular /> : <ArrowUp12Regular /> : null}
              </button>
            )}
          </div>
        )
      })}
    </div>
  )
}

function classOf<Row>({ isMinor, isNumber }: TableColumn<Row>): string {
  return [isMinor ? 'minor' : '', isNumber ? 'number' : ''].filter((name) => name !== '').join(' ')
}

interface TableRowProps<Row> {
  readonly table: VirtualTableProps<Row>
  readonly index: number
  readonly isTabStop: boolean
  readonly keys: RowKeys
}

function TableRow<Row>({ table, index, isTabStop, keys }: TableRowProps<Row>): ReactNode {
  const row = table.rows[index]
  if (row === undefined) return null
  const opened = table.isOpened?.(row)
  const isCurrent = table.currentKey !== undefined && table.currentKey === table.keyOf(row)
  return (
    <div
      data-index={index}
      data-testid={table.testId}
      className={isCurrent ? 'table-row current' : 'table-row'}
      role="row"
      aria-rowindex={index + 2}
      {...(opened === undefined ? {} : { 'aria-expanded': opened })}
      tabIndex={isTabStop ? 0 : -1}
      style={{ transform: `translateY(${index * ROW_PIXELS}px)` }}
      onClick={() => table.onOpen(row)}
      onFocus={() => keys.setActive(index)}
      onKeyDown={(event: KeyboardEvent) => keys.onKeyDown(event, index)}
    >
      {table.columns.map((column) => (
        <div key={column.id} role="gridcell" className={`cell ${classOf(column)}`}>
          {column.cell(row)}
        </div>
      ))}
    </div>
  )
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
