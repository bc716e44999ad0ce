import { useVirtualizer } from '@tanstack/react-virtual'
import { type CSSProperties, type KeyboardEvent, type ReactNode, useRef } from 'react'

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
  readonly onOpen?: (row: Row) => void
  readonly testId: string
}

const ROW_PIXELS = 36

/** A table of any number of rows; only those in sight are in the page. Arrows move, Enter opens. */
export function VirtualTable<Row>(props: VirtualTableProps<Row>): ReactNode {
  const { label, rows, columns, keyOf, onOpen, testId } = props
  const scroller = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PIXELS,
    // By key, so that rows that arrive at the top do not move what is being read into other rows.
    getItemKey: (index) => {
      const row = rows[index]
      return row === undefined ? index : keyOf(row)
    },
    overscan: 12,
  })
  const onKeyDown = (event: KeyboardEvent, index: number): void => {
    const row = rows[index]
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step !== undefined) {
      event.preventDefault()
      const next = Math.max(0, Math.min(rows.length - 1, index + step))
      virtual.scrollToIndex(next)
      requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-index="${next}"]`)?.focus())
    } else if ((event.key === 'Enter' || event.key === ' ') && row !== undefined && onOpen) {
      event.preventDefault()
      onOpen(row)
    }
  }
  const widths = columns.map(({ width }) => width).join(' ')
  const major = columns
    .filter(({ isMinor }) => !isMinor)
    .map(({ width }) => width)
    .join(' ')
  const style: CSSProperties & Readonly<Record<'--columns' | '--columns-narrow', string>> = {
    '--columns': widths,
    '--columns-narrow': major,
  }
  return (
    <div className="table" role="table" aria-label={label} aria-rowcount={rows.length} style={style}>
      <div className="table-head" role="row">
        {columns.map(({ title, isMinor }) => (
          <div key={title} role="columnheader" className={isMinor ? 'minor' : ''}>
            {title}
          </div>
        ))}
      </div>
      <div className="table-body" ref={scroller} role="rowgroup">
        <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index]
            return row === undefined ? null : (
              <div
                key={item.key}
                data-index={item.index}
                data-testid={testId}
                className={onOpen ? 'table-row opens' : 'table-row'}
                role="row"
                aria-rowindex={item.index + 1}
                tabIndex={onOpen ? 0 : -1}
                style={{ transform: `translateY(${item.start}px)` }}
                onClick={() => onOpen?.(row)}
                onKeyDown={(event) => onKeyDown(event, item.index)}
              >
                {columns.map(({ title, cell, isMinor }) => (
                  <div key={title} role="cell" className={isMinor ? 'cell minor' : 'cell'}>
                    {cell(row)}
                  </div>
                ))}
              </div>
            )
          })}
        </div>
      </div>
    </div>
  )
}
