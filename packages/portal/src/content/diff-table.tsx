import { Button } from '@fluentui/react-components'
import { type ReactNode, useState } from 'react'

import { type DiffRow, type DiffSide, inlineOf } from './diff-rows.ts'
import { piecesOf } from './line-text.ts'
import { atMarks } from './marks.ts'

/** Rows that are shown at first, and again with each “show more”: a page with more of them becomes slow. */
export const ROWS_STEP = 500

/** Two versions beside each other. */
export function SideBySide({ rows }: { readonly rows: readonly DiffRow[] }): ReactNode {
  return (
    <Capped rows={rows} noun="rows">
      {(shown) => (
        <table className="diff" data-testid="diff">
          <colgroup>
            <col className="numbers" />
            <col />
            <col className="numbers" />
            <col />
          </colgroup>
          <thead>
            <tr>
              <th scope="colgroup" colSpan={2}>
                Before
              </th>
              <th scope="colgroup" colSpan={2}>
                After
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((row) =>
              row.kind === 'gap' ? (
                <Gap key={keyOf(row)} lineCount={row.lineCount} columns={4} />
              ) : (
                <tr key={keyOf(row)} data-testid="diff-row">
                  <SideCells side={row.before} sign={row.kind === 'same' ? ' ' : '-'} isSpaceOnly={isSpaceOnly(row)} />
                  <SideCells side={row.after} sign={row.kind === 'same' ? ' ' : '+'} isSpaceOnly={isSpaceOnly(row)} />
                </tr>
              ),
            )}
          </tbody>
        </table>
      )}
    </Capped>
  )
}

/** Two versions in one column: what went above what came. */
export function Inline({ rows }: { readonly rows: readonly DiffRow[] }): ReactNode {
  return (
    <Capped rows={inlineOf(rows)} noun="lines">
      {(shown) => (
        <table className="diff" data-testid="diff">
          <colgroup>
            <col className="numbers" />
            <col className="numbers" />
            <col />
          </colgroup>
          <thead>
            <tr>
              <th scope="col">Before</th>
              <th scope="col">After</th>
              <th scope="col">Line</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((line) =>
              'kind' in line ? (
                <Gap key={`gap ${line.afterLine}`} lineCount={line.lineCount} columns={3} />
              ) : (
                <tr key={`${line.before} ${line.after}`} data-testid="diff-row">
                  <td className="line-number">{line.before}</td>
                  <td className="line-number">{line.after}</td>
                  <LineCell side={line.side} sign={line.sign} isSpaceOnly={line.isSpaceOnly} />
                </tr>
              ),
            )}
          </tbody>
        </table>
      )}
    </Capped>
  )
}

/** One version alone. */
export function OneVersion({
  lines,
  label,
}: {
  readonly lines: readonly DiffSide[]
  readonly label: string
}): ReactNode {
  return (
    <Capped rows={lines} noun="lines">
      {(shown) => (
        <table className="diff" aria-label={label} data-testid="diff">
          <colgroup>
            <col className="numbers" />
            <col />
          </colgroup>
          <tbody>
            {shown.map((side) => (
              <tr key={side.number} data-testid="diff-row">
                <SideCells side={side} sign=" " isSpaceOnly={false} />
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Capped>
  )
}

interface CappedProps<Row> {
  readonly rows: readonly Row[]
  readonly noun: string
  readonly children: (shown: readonly Row[]) => ReactNode
}

/** The first rows, and a button for more of them. */
function Capped<Row>({ rows, noun, children }: CappedProps<Row>): ReactNode {
  const [count, setCount] = useState(ROWS_STEP)
  const more = Math.min(ROWS_STEP, rows.length - count)
  return (
    <>
      {children(rows.slice(0, count))}
      {more > 0 ? (
        <p className="more">
          <Button onClick={() => setCount(count + ROWS_STEP)}>Show {more.toLocaleString()} more</Button>{' '}
          {count.toLocaleString()} of {rows.length.toLocaleString()} {noun}
        </p>
      ) : null}
    </>
  )
}

function Gap({ lineCount, columns }: { readonly lineCount: number; readonly columns: number }): ReactNode {
  return (
    <tr className="gap">
      <td colSpan={columns}>
        {lineCount.toLocaleString()} {lineCount === 1 ? 'line' : 'lines'} the same
      </td>
    </tr>
  )
}

interface CellProps {
  readonly side: DiffSide
  readonly sign: ' ' | '-' | '+'
  readonly isSpaceOnly: boolean
}

function SideCells({ side, ...cell }: Omit<CellProps, 'side'> & { readonly side: DiffSide | undefined }): ReactNode {
  if (side === undefined) return <td className="nothing" colSpan={2} aria-label="no such line" />
  return (
    <>
      <td className="line-number">{side.number}</td>
      <LineCell side={side} {...cell} />
    </>
  )
}

const looks = { ' ': 'same', '-': 'removed', '+': 'added' } as const

function LineCell({ side, sign, isSpaceOnly: isSpaceShown }: CellProps): ReactNode {
  const { before, changed, after } = piecesOf(side, { isSpaceShown })
  return (
    <td className={`line ${looks[sign]}${isSpaceShown ? ' space-only' : ''}`}>
      <span className="sign">{sign === '-' ? '−' : sign}</span>
      <Marked text={before} />
      {changed === '' ? null : (
        <span className="changed">
          <Marked text={changed} />
        </span>
      )}
      <Marked text={after} />
      {isSpaceShown ? <small>only white space</small> : null}
      {side.isWithoutEnd ? <small>no line feed at the end</small> : null}
    </td>
  )
}

/** A text in which the marks of hidden secrets stand out. */
function Marked({ text }: { readonly text: string }): ReactNode {
  return atMarks(text).map((part, index) =>
    // oxlint-disable-next-line react/no-array-index-key -- the parts of one text have no other name
    index % 2 === 0 ? part : <mark key={index}>{part}</mark>,
  )
}

function isSpaceOnly(row: DiffRow): boolean {
  return row.kind === 'changed' && row.isSpaceOnly
}

function keyOf(row: DiffRow): string {
  return row.kind === 'gap' ? `gap ${row.afterLine}` : `${row.before?.number} ${row.after?.number}`
}
