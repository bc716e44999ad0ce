import { Button } from '@fluentui/react-components'
import type { QueryTable } from '@tidemark/model'
import { type ReactNode, useMemo, useRef } from 'react'

import { CopyButton } from '../view/copy-button.tsx'
import { LongText } from '../view/long-text.tsx'
import { Moment } from '../view/moment.tsx'
import { csvText, type FileRow, ndjsonText, saveText } from '../view/rows-file.ts'
import { SidePane } from '../view/side-pane.tsx'
import { Empty } from '../view/states.tsx'
import { safeText } from '../view/text.ts'
import { parsedJson } from '../view/values.ts'
import { type TableColumn, VirtualTable } from '../view/virtual-table.tsx'
import { logsWords as words } from '../words/logs.ts'
import { chartData } from './chart-data.ts'
import { NestedValue } from './nested-value.tsx'
import { ResultChart } from './result-chart.tsx'

/** An answer with how long it took. */
export interface LogsAnswer {
  readonly table: QueryTable
  readonly tookMs: number
  /** What the server says beside the rows: that they were cut, for example. */
  readonly notice: string
  /** The chart that the query asks for. */
  readonly render: string | undefined
}

export interface ResultsProps {
  readonly answer: LogsAnswer
  /** The row that is open, from 0. */
  readonly opened: number | undefined
  readonly onOpen: (row: number | undefined) => void
}

interface NumberedRow {
  readonly index: number
  readonly cells: QueryTable['rows'][number]
}

/** The rows of an answer, and the chart where one was asked for. */
export function Results({ answer, opened, onOpen }: ResultsProps): ReactNode {
  const { table, render } = answer
  const rows = useMemo(() => table.rows.map((cells, index): NumberedRow => ({ index, cells })), [table])
  const columns = useMemo(() => columnsOf(table), [table])
  const chart = useMemo(() => (render === undefined ? undefined : chartData(table)), [render, table])
  const row = opened === undefined ? undefined : rows[opened]
  return (
    <>
      <ResultHead answer={answer} />
      {render === undefined ? null : chart === undefined ? (
        <p className="note">{words.noChart(render)}</p>
      ) : (
        <ResultChart kind={render} data={chart} rowCount={rows.length} />
      )}
      {rows.length === 0 ? (
        <Empty title={words.noRows}>{words.noRowsHelp}</Empty>
      ) : (
        <div className="wide-table" style={{ minWidth: 0 }}>
          <VirtualTable
            label={words.results}
            rows={rows}
            columns={columns}
            keyOf={({ index }) => String(index)}
            onOpen={({ index }) => onOpen(index)}
            testId="result-row"
            currentKey={opened === undefined ? undefined : String(opened)}
          />
        </div>
      )}
      <SidePane
        title={`${words.row} ${(opened ?? 0) + 1}`}
        isOpen={row !== undefined}
        onClose={() => onOpen(undefined)}
        testId="result-details"
      >
        {row ? <RowDetails table={table} row={row} /> : null}
      </SidePane>
    </>
  )
}

function ResultHead({ answer: { table, tookMs, notice } }: Pick<ResultsProps, 'answer'>): ReactNode {
  const names = table.columns.map(({ name }) => name)
  const asRows = (): FileRow[] =>
    table.rows.map((cells) => Object.fromEntries(names.map((name, index) => [name, cells[index] ?? null])))
  return (
    <p className="facts" data-testid="result-head">
      <strong>{words.rows(table.rows.length)}</strong>
      <span className="note">{words.took(tookMs)}</span>
      <Button size="small" onClick={() => saveText(csvText(names, asRows()), { name: 'result.csv', type: 'text/csv' })}>
        {words.exportCsv}
      </Button>
      <Button
        size="small"
        onClick={() => saveText(ndjsonText(names, asRows()), { name: 'result.ndjson', type: 'application/x-ndjson' })}
      >
        {words.exportNdjson}
      </Button>
      {notice === '' ? null : <span className="note">{notice}</span>}
    </p>
  )
}

/** Columns that the table shows; the row beside it has all. */
const COLUMNS_MAX = 40

function columnsOf({ columns, rows }: QueryTable): readonly TableColumn<NumberedRow>[] {
  // What no row fills says nothing, and the tables have more than a hundred columns.
  const filled = columns.flatMap((column, index) =>
    rows.some((cells) => cells[index] !== null && cells[index] !== '') ? [{ ...column, index }] : [],
  )
  const shown = filled.length === 0 ? columns.map((column, index) => ({ ...column, index })) : filled
  return shown.slice(0, COLUMNS_MAX).map(({ name, type, index }, place) => ({
    id: `${index} ${name}`,
    title: name,
    width: type === 'datetime' ? '160px' : 'minmax(110px, 1fr)',
    isNumber: type === 'long' || type === 'int' || type === 'real',
    isMinor: place > 1,
    cell: ({ cells }) => {
      const cell = cells[index]
      if (type === 'datetime') return <Moment time={cell} />
      const text = safeText(cell).slice(0, 200)
      return <span title={text}>{text}</span>
    },
  }))
}

function RowDetails({ table, row }: { readonly table: QueryTable; readonly row: NumberedRow }): ReactNode {
  const shown = useRef<HTMLTableElement>(null)
  const cells = table.columns.map(({ name, type }, index) => ({ name, type, cell: row.cells[index] ?? null }))
  const json = JSON.stringify(Object.fromEntries(cells.map(({ name, cell }) => [name, cell])), null, 2)
  return (
    <>
      <CopyButton what={words.copyRow} text={json} shownIn={shown} />
      <table className="properties" ref={shown}>
        <tbody>
          {cells
            .filter(({ cell }) => cell !== null && cell !== '')
            .map((told) => (
              <Property key={told.name} {...told} />
            ))}
        </tbody>
      </table>
    </>
  )
}

interface PropertyProps {
  readonly name: string
  readonly type: string
  readonly cell: QueryTable['rows'][number][number]
}

/** A cell with its name: it can be copied by itself, and what is nested opens. */
function Property({ name, type, cell }: PropertyProps): ReactNode {
  const shown = useRef<HTMLDivElement>(null)
  const nested = type === 'dynamic' ? parsedJson(String(cell)) : undefined
  return (
    <tr data-testid="property">
      <th scope="row">{safeText(name)}</th>
      <td className="with-copy">
        <div ref={shown}>
          {typeof nested === 'object' && nested !== null ? (
            <NestedValue value={nested} />
          ) : (
            <LongText text={String(cell)} />
          )}
        </div>
        <CopyButton what={safeText(name)} text={String(cell)} shownIn={shown} />
      </td>
    </tr>
  )
}
