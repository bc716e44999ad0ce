import { elements, jsonArray, jsonOf } from '../scalar/convert.ts'
import type { Scalar } from '../scalar/scalar.ts'
import { dynamicFunctions } from './dynamic.ts'
import { argumentsOf, at, type Call, type FunctionWriter } from './function.ts'

/** How a function is written that gives several columns: a value for each. */
export type SeveralWriter = (call: Call) => Scalar[]

interface Member {
  readonly type: 'real' | 'long' | 'dynamic'
}

const real: Member = { type: 'real' }
const long: Member = { type: 'long' }
const list: Member = { type: 'dynamic' }

/** Functions whose call makes several columns in `extend`, `project` and `print`. */
export const severalFunctions: Readonly<Record<string, SeveralWriter>> = {
  series_fit_line: fitted('series_fit_line'),
  series_fit_2lines: fitted('series_fit_2lines'),
  series_stats: fitted('series_stats'),
  array_sort_asc: sortedArrays('array_sort_asc'),
  array_sort_desc: sortedArrays('array_sort_desc'),
}

/** Each of the arrays in the order of the first. */
function sortedArrays(name: 'array_sort_asc' | 'array_sort_desc'): SeveralWriter {
  return (call) => {
    const sorted = dynamicFunctions[name]?.(call)
    const arrays = call.args.filter((argument) => argument().type !== 'bool')
    if (sorted === undefined || arrays.length <= 1) return sorted ? [sorted] : []
    const parts = call.scope.rows?.below(elements(sorted.sql)) ?? elements(sorted.sql)
    return arrays.map((_, index) => ({ sql: `arrayElement(${parts}, ${index + 1})`, type: 'dynamic' }))
  }
}

/** The same as one bag. */
export const severalDynamic: Readonly<Record<string, FunctionWriter>> = {
  series_fit_line_dynamic: asBag('series_fit_line'),
  series_fit_2lines_dynamic: asBag('series_fit_2lines'),
  series_stats_dynamic: asBag('series_stats'),
}

interface Fit {
  readonly members: readonly (readonly [string, Member])[]
  /** A tuple of the members, of the array `ys`. */
  readonly sql: string
}

const MEAN_SQUARES = (values: string): string =>
  `(arraySum(y -> pow(y - arrayAvg(${values}), 2), ${values}) / greatest(1, length(${values}) - 1))`

/** Slope, interception, squares of the rest and the line itself, of the array `part`. */
const LINE_OF = [
  "arrayMap(fit -> tuple(fit.1, fit.2, arraySum((y, x) -> pow(y - (fit.1 * x + fit.2), 2), part, range(length(part)))), [if(length(part) < 2, tuple(0., if(empty(part), 0., arrayAvg(part))), arrayReduce('simpleLinearRegression', range(length(part)), part))])[1]",
].join('')

function lineOf(part: string): string {
  return `arrayMap(part -> ${LINE_OF}, [${part}])[1]`
}

// Kusto counts points from 1: the interception is a step before the first point.
/** How much of the variance the line explains; a series without any is explained. */
function explained(rest: string, values: string): string {
  const all = `arraySum(y -> pow(y - arrayAvg(${values}), 2), ${values})`
  return `if(${all} = 0, if(${rest} = 0, 1., 0.), 1. - ${rest} / ${all})`
}

function drawn(line: string, values: string): string {
  return `arrayMap(x -> ${line}.1 * x + ${line}.2, range(length(${values})))`
}

const spread = (rest: string, values: string): string => `(${rest} / greatest(1, length(${values}) - 1))`

const FITS: Readonly<Record<string, Fit>> = {
  series_fit_line: {
    members: [
      ['rsquare', real],
      ['slope', real],
      ['variance', real],
      ['rvariance', real],
      ['interception', real],
      ['line_fit', list],
    ],
    sql: `arrayMap(line -> tuple(${[explained('line.3', 'ys'), 'line.1', MEAN_SQUARES('ys'), spread('line.3', 'ys'), '(line.2 - line.1)', drawn('line', 'ys')].join(', ')}), [${lineOf('ys')}])[1]`,
  },
  series_fit_2lines: {
    members: [
      ['rsquare', real],
      ['split_idx', long],
      ['variance', real],
      ['rvariance', real],
      ['line_fit', list],
      ...['right', 'left'].flatMap((side) =>
        ['rsquare', 'slope', 'interception', 'variance', 'rvariance'].map((name) => [`${side}_${name}`, real] as const),
      ),
    ],
    sql: twoLines(),
  },
  series_stats: {
    members: [
      ['min', real],
      ['min_idx', long],
      ['max', real],
      ['max_idx', long],
      ['avg', real],
      ['stdev', real],
      ['variance', real],
      ['sum', real],
      ['len', long],
    ],
    sql: `tuple(arrayMin(ys), toInt64(indexOf(ys, arrayMin(ys))) - 1, arrayMax(ys), toInt64(indexOf(ys, arrayMax(ys))) - 1, arrayAvg(ys), sqrt(${MEAN_SQUARES('ys')}), ${MEAN_SQUARES('ys')}, arraySum(ys), toInt64(length(ys)))`,
  },
}

/** The split that leaves the least squares, each side with a line of its own. */
function twoLines(): string {
  const [left, right] = ['arraySlice(ys, 1, split)', 'arraySlice(ys, split + 1)']
  const rest = `arrayMap(split -> (${lineOf(left)}).3 + (${lineOf(right)}).3, range(1, greatest(2, length(ys))))`
  const side = (line: string, values: string): string[] => [
    explained(`${line}.3`, values),
    `${line}.1`,
    `(${line}.2 - ${line}.1)`,
    MEAN_SQUARES(values),
    spread(`${line}.3`, values),
  ]
  const members = [
    explained('(a.3 + b.3)', 'ys'),
    'toInt64(split)',
    MEAN_SQUARES('ys'),
    spread('(a.3 + b.3)', 'ys'),
    `arrayConcat(${drawn('a', left)}, ${drawn('b', right)})`,
    ...side('b', right),
    ...side('a', left),
  ]
  const fit = `arrayMap((split, a, b) -> tuple(${members.join(', ')}), [split], [${lineOf(left)}], [${lineOf(right)}])[1]`
  return `arrayMap(split -> ${fit}, [arrayMap(rest -> indexOf(rest, arrayMin(rest)), [${rest}])[1]])[1]`
}

/** The numbers of a series; what is none counts as 0. */
export function numbersOf(value: Scalar): string {
  return `arrayMap(one -> ifNull(toFloat64OrNull(one), 0.), ${elements(jsonOf(value))})`
}

function tupleOf(name: string, call: Call): string {
  const series = at(argumentsOf(call, 1, 2), 0)
  return `arrayMap(ys -> ${FITS[name]?.sql}, [${numbersOf(series)}])[1]`
}

function fitted(name: string): SeveralWriter {
  return (call) => {
    const sql = tupleOf(name, call)
    // One calculation for all columns, below the operator that asks.
    const whole = call.scope.rows?.below(sql) ?? `(${sql})`
    // As one bag it has two members more.
    const members = (FITS[name]?.members ?? []).filter(([member]) => member !== 'sum' && member !== 'len')
    return members.map(([, { type }], index) => memberOf(`tupleElement(${whole}, ${index + 1})`, type))
  }
}

function memberOf(sql: string, type: Member['type']): Scalar {
  if (type === 'dynamic')
    return { sql: jsonArray(`arrayMap(one -> ${jsonOf({ sql: 'one', type: 'real' })}, ${sql})`), type }
  return { sql, type }
}

function asBag(name: string): FunctionWriter {
  return (call) => {
    const members = (FITS[name]?.members ?? []).map(([key, { type }], index) => {
      const { sql } = memberOf(`fit.${index + 1}`, type)
      return `'"${key}":', ${jsonOf({ sql, type })}`
    })
    return {
      sql: `arrayMap(fit -> concat('{', ${members.join(", ',', ")}, '}'), [${tupleOf(name, call)}])[1]`,
      type: 'dynamic',
    }
  }
}
