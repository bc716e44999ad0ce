import { QueryMistake } from '../problem.ts'
import { nullOf, stored } from '../scalar/convert.ts'
import type { Scalar } from '../scalar/scalar.ts'
import type { RowsAtHand } from '../scope.ts'
import { argumentsOf, at, type Call, constantWhole, type FunctionWriter } from './function.ts'

const ALL = 'ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING'
const SO_FAR = 'ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW'

/** Functions that look at other rows. Each becomes a column below the operator that uses it. */
export const windowFunctions: Readonly<Record<string, FunctionWriter>> = {
  prev: neighbour('lagInFrame'),
  next: neighbour('leadInFrame'),
  row_number: rowNumber,
  row_cumsum: cumulative,
  row_rank_dense: rank('dense'),
  row_rank_min: rank('min'),
}

function rowsOf({ scope, node }: Call): RowsAtHand {
  if (scope.rows) return scope.rows
  throw new QueryMistake('semantics', 'this function needs rows in an order: write sort or serialize before it', node)
}

function neighbour(name: 'lagInFrame' | 'leadInFrame'): FunctionWriter {
  return (call) => {
    const values = argumentsOf(call, 1, 3)
    const rows = rowsOf(call)
    const value = at(values, 0)
    const offset = constantWhole(values[1], call.node) ?? 1
    const otherwise = values[2] === undefined ? nullOf(value.type) : stored(values[2], value.type)
    if (offset < 0 || offset > 1_000_000)
      throw new QueryMistake('semantics', 'the distance is 0 to 1,000,000 rows', call.node)
    const alias = rows.below(`${name}(${stored(value, value.type)}, ${offset}, ${otherwise}) ${rows.over(ALL)}`)
    return { sql: alias, type: value.type }
  }
}

/** The number of the last row, up to this one, at which counting began anew; 0 for the first of all. */
function restarts(rows: RowsAtHand, restart: Scalar | undefined): string | undefined {
  if (restart === undefined) return undefined
  return rows.below(`sum(toUInt8(ifNull(${restart.sql}, false))) ${rows.over(SO_FAR)}`)
}

function rowNumber(call: Call): Scalar {
  const values = argumentsOf(call, 0, 2)
  const rows = rowsOf(call)
  const start = values[0] === undefined ? '1' : `ifNull(${values[0].sql}, 1)`
  const split = restarts(rows, values[1])
  return { sql: `(toInt64(${rows.below(`row_number() ${rows.over(SO_FAR, split)}`)}) - 1 + ${start})`, type: 'long' }
}

function cumulative(call: Call): Scalar {
  const values = argumentsOf(call, 1, 2)
  const rows = rowsOf(call)
  const value = at(values, 0)
  const split = restarts(rows, values[1])
  const alias = rows.below(`ifNull(sum(${value.sql}) ${rows.over(SO_FAR, split)}, 0)`)
  return { sql: alias, type: value.type === 'int' ? 'long' : value.type }
}

/** Ranks of rows that are sorted by the term already: a new rank where the term differs from the row's before. */
function rank(kind: 'dense' | 'min'): FunctionWriter {
  return (call) => {
    const values = argumentsOf(call, 1, 2)
    const rows = rowsOf(call)
    const term = at(values, 0)
    const split = restarts(rows, values[1])
    const value = stored(term, term.type)
    const number = rows.below(`toInt64(row_number() ${rows.over(SO_FAR, split)})`)
    const before = rows.below(`lagInFrame(${value}, 1) ${rows.over(ALL, split)}`)
    const isNew = `(${number} = 1 OR ${value} IS DISTINCT FROM ${before})`
    const ranked = kind === 'dense' ? `sum(toInt64(${isNew}))` : `max(if(${isNew}, ${number}, 0))`
    return { sql: `toInt64(${rows.below(`${ranked} ${rows.over(SO_FAR, split)}`)})`, type: 'long' }
  }
}
