import { kindOf, partsOf, type SyntaxNode } from '../analyzer/kusto.ts'
import { SERIES_POINTS_MAX } from '../limits.ts'
import { QueryMistake } from '../problem.ts'
import { rowScope } from '../rows.ts'
import { convertedTo, jsonArray, jsonOf, realOf } from '../scalar/convert.ts'
import { expression } from '../scalar/expression.ts'
import { listed, only } from '../scalar/names.ts'
import { datetimeOf, isWhole, type Scalar, TICKS_TO_1970, ticksOf } from '../scalar/scalar.ts'
import type { Relation, RelationColumn, Scope } from '../scope.ts'
import { itemOf, parameterOf, resultColumns } from './columns.ts'

/** `make-series`: for each group an array with a point for each step, also for those without rows. */
export function makeSeries(node: SyntaxNode, input: Relation, scope: Scope): Relation {
  if (input.partition) throw new QueryMistake('unsupported', 'an inner query cannot make series', node)
  const row = rowScope(scope, input)
  const parts = partsOf(node)
  const axisNode = parts.find((part) => kindOf(part) === 'MakeSeriesOnClause')
  if (axisNode === undefined) throw new QueryMistake('syntax', 'make-series needs "on"', node)
  const axis = expression(itemOf(only(axisNode)).value, row)
  const bounds = boundsOf(node, axis, scope)
  const keyClause = parts.find((part) => kindOf(part) === 'MakeSeriesByClause')
  const keys = (keyClause ? listed(keyClause) : []).map((part) => expression(itemOf(part).value, row))
  const series = parts
    .flatMap((part) => (kindOf(part) === 'List' ? partsOf(part) : []))
    .filter((part) => kindOf(part) === 'MakeSeriesExpression')
    .map((part) => seriesOf(part, { ...row, isGroup: true }))
  const names = resultColumns(node)
  const columns = names.map(({ name }, index): RelationColumn => ({
    name,
    type: keys[index]?.type ?? 'dynamic',
    alias: scope.writer.alias(),
  }))
  if (columns.length !== keys.length + series.length + 1)
    throw new QueryMistake('unsupported', 'this series is not supported here', node)
  const sql = seriesSql({
    rows: row.rows.relation.sql,
    axis: numberOf(axis),
    bounds,
    keys,
    series,
    columns,
    scope,
    axisType: axis.type,
    isNeverEmpty: parameterOf(node, 'kind') === 'nonempty',
  })
  return { sql, columns, order: [] }
}

interface Series {
  readonly value: Scalar
  /** JSON text of a point without rows. */
  readonly otherwise: string
}

function seriesOf(node: SyntaxNode, scope: Scope): Series {
  const parts = partsOf(node)
  const fallback = parts.find((part) => kindOf(part) === 'DefaultExpressionClause')
  const [first] = parts
  if (first === undefined) throw new QueryMistake('syntax', 'an aggregate is missing here', node)
  const value = expression(itemOf(first).value, scope)
  const given = fallback ? expression(only(fallback), { ...scope, columns: new Map() }) : undefined
  return {
    value,
    otherwise: given
      ? jsonOf(convertedTo(given, value.type))
      : isWhole(value.type)
        ? "'0'"
        : value.type === 'real'
          ? "'0.0'"
          : "'null'",
  }
}

interface Bounds {
  readonly from: string | undefined
  readonly to: string | undefined
  readonly step: string
  /** Whether a point may stand at `to` itself. */
  readonly isToIncluded: boolean
}

function boundsOf(node: SyntaxNode, axis: Scalar, scope: Scope): Bounds {
  const clauses = partsOf(node).flatMap((part) => [part, ...partsOf(part)])
  const within = { ...scope, columns: new Map<string, Scalar>() }
  const at = (kind: string): string | undefined => {
    const clause = clauses.find((part) => kindOf(part) === kind)
    return clause ? numberOf(typedLike(expression(only(clause), within), axis)) : undefined
  }
  const inRange = clauses.find((part) => kindOf(part) === 'MakeSeriesInRangeClause')
  if (inRange) {
    const [from, to, step] = partsOf(inRange)
      .flatMap(listed)
      .map((part) => numberOf(expression(part, within)))
    if (step === undefined) throw new QueryMistake('syntax', 'range(from, to, step) is needed here', inRange)
    return { from, to, step, isToIncluded: true }
  }
  const step = at('MakeSeriesStepClause')
  if (step === undefined) throw new QueryMistake('syntax', 'make-series needs "step"', node)
  return { from: at('MakeSeriesFromClause'), to: at('MakeSeriesToClause'), step, isToIncluded: false }
}

function typedLike(value: Scalar, axis: Scalar): Scalar {
  return value.type === 'dynamic' ? convertedTo(value, axis.type) : value
}

function numberOf(value: Scalar): string {
  if (value.type === 'datetime') return `(${ticksOf(value.sql)} + ${TICKS_TO_1970})`
  return isWhole(value.type) || value.type === 'timespan' ? value.sql : realOf(value)
}

interface SeriesParts {
  readonly rows: string
  readonly axis: string
  readonly axisType: Scalar['type']
  /** Whether a series stands where there are no rows at all. */
  readonly isNeverEmpty: boolean
  readonly bounds: Bounds
  readonly keys: readonly Scalar[]
  readonly series: readonly Series[]
  readonly columns: readonly RelationColumn[]
  readonly scope: Scope
}

function seriesSql(parts: SeriesParts): string {
  const { rows, axis, axisType, bounds, keys, series, columns, scope } = parts
  const { from, to, step, isToIncluded } = bounds
  const [place, first, last, found] = [
    scope.writer.alias(),
    scope.writer.alias(),
    scope.writer.alias(),
    scope.writer.alias(),
  ]
  const zero = from ?? '0'
  const keyColumns = columns.slice(0, keys.length)
  const values = columns.slice(keys.length, -1)
  const limits = [
    `${axis} IS NOT NULL`,
    ...(from === undefined ? [] : [`${axis} >= ${from}`]),
    ...(to === undefined ? [] : [`${axis} ${isToIncluded ? '<=' : '<'} ${to}`]),
  ]
  const binned = [
    ...keys.map(({ sql }, index) => `${sql} AS ${keyColumns[index]?.alias}`),
    `toInt64(floor((${axis} - ${zero}) / ${step})) AS ${place}`,
    ...series.map(({ value }, index) => `${jsonOf(value)} AS ${values[index]?.alias}`),
  ]
  const groups = [...keyColumns.map(({ alias }) => alias), place]
  const bins = `SELECT ${binned.join(', ')} FROM (${rows}) WHERE ${limits.join(' AND ')} GROUP BY ${groups.join(', ')}`
  const begin = from === undefined ? `min(${place})` : 'toInt64(0)'
  const end =
    to === undefined
      ? `max(${place})`
      : `toInt64(${isToIncluded ? `floor((${to} - ${zero}) / ${step})` : `ceil((${to} - ${zero}) / ${step}) - 1`})`
  const arrays = values.map(({ alias }) => ({ from: alias, to: scope.writer.alias() }))
  const gathered = [
    ...keyColumns.map(({ alias }) => alias),
    `groupArray(${place}) AS ${found}`,
    `${begin} AS ${first}`,
    `least(${end}, ${first} + ${SERIES_POINTS_MAX}) + throwIf(${end} - ${first} >= ${SERIES_POINTS_MAX}, 'a series has more points than ${SERIES_POINTS_MAX}') AS ${last}`,
    ...arrays.map((array) => `groupArray(${array.from}) AS ${array.to}`),
  ]
  const grouped = `SELECT ${gathered.join(', ')} FROM (${bins})${keyColumns.length > 0 ? ` GROUP BY ${keyColumns.map(({ alias }) => alias).join(', ')}` : parts.isNeverEmpty ? '' : ' HAVING count() > 0'}`
  const points = `range(${first}, ${last} + 1)`
  const written = arrays.map((array, index) => {
    const cell = `if(indexOf(${found}, point) = 0, ${series[index]?.otherwise ?? "'null'"}, ${array.to}[indexOf(${found}, point)])`
    return `${jsonArray(`arrayMap(point -> ${cell}, ${points})`)} AS ${values[index]?.alias}`
  })
  const axisValue = `(${zero} + point * ${step})`
  const isTime = axisType === 'datetime'
  const axisCell = jsonOf({
    sql: isTime ? datetimeOf(`${axisValue} - ${TICKS_TO_1970}`) : axisValue,
    type: axisType === 'int' ? 'long' : axisType,
  })
  const axisColumn = `${jsonArray(`arrayMap(point -> ${axisCell}, ${points})`)} AS ${columns.at(-1)?.alias}`
  return `SELECT ${[...keyColumns.map(({ alias }) => alias), ...written, axisColumn].join(', ')} FROM (${grouped})`
}
