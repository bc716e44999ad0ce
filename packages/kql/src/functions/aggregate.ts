import { QueryMistake } from '../problem.ts'
import { boolOf, jsonArray, jsonOf, jsonObject, realOf } from '../scalar/convert.ts'
import { asText, datetimeOf, isNumber, isTextLike, type Scalar, ticksOf } from '../scalar/scalar.ts'
import { argumentsOf, at, type Call, constantWhole, type FunctionWriter } from './function.ts'

/** Elements of a set or list that is made of a column. */
export const ELEMENTS_MAX = 1_048_576

const long = (sql: string): Scalar => ({ sql: `toInt64(${sql})`, type: 'long' })

/** A number that ClickHouse can add up: of a dynamic the one that it says. */
function counted(value: Scalar): Scalar {
  return isNumber(value.type) || value.type === 'timespan' || value.type === 'datetime'
    ? value
    : { sql: realOf(value), type: 'real' }
}

/** `name(x)` and `nameif(x, condition)`. */
function pair(name: string, write: (value: Scalar, filter: string) => Scalar): Record<string, FunctionWriter> {
  return {
    [name]: (call) => write(at(argumentsOf(call, 1), 0), ''),
    [`${name}if`]: (call) => {
      const values = argumentsOf(call, 2)
      return write(at(values, 0), ` FILTER (WHERE ${holds(at(values, 1))})`)
    },
  }
}

function holds(value: Scalar): string {
  return `ifNull(${boolOf(value)}, false)`
}

const spread =
  (name: string, stepsFrom: number) =>
  (value: Scalar, filter: string): Scalar => {
    const { sql, type } = counted(value)
    const number = type === 'timespan' ? `toFloat64(${sql})` : sql
    // One value has no spread of a sample: Kusto says 0, ClickHouse that it is no number.
    const spreadSql = `if(count(${sql})${filter} <= ${stepsFrom}, if(count(${sql})${filter} = 0, NULL, 0), ${name}(${number})${filter})`
    return type === 'timespan' ? { sql: `toInt64(${spreadSql})`, type } : { sql: spreadSql, type: 'real' }
  }

const sum = (value: Scalar, filter: string): Scalar => {
  const { sql, type } = counted(value)
  return { sql: `ifNull(sum(${sql})${filter}, 0)`, type: type === 'int' ? 'long' : type }
}

const average = (value: Scalar, filter: string): Scalar => {
  const { sql, type } = counted(value)
  if (type === 'datetime') return { sql: datetimeOf(`avg(${ticksOf(sql)})${filter}`), type }
  const mean = `avg(${sql})${filter}`
  return type === 'timespan' ? { sql: `toInt64(${mean})`, type } : { sql: notNan(mean), type: 'real' }
}

function notNan(sql: string): string {
  return `if(isNaN(${sql}), NULL, ${sql})`
}

/** Text is never null: the least text of none is the empty one. */
const extreme =
  (name: 'min' | 'max') =>
  ({ sql, type }: Scalar, filter: string): Scalar => ({
    sql: isTextLike(type)
      ? `${name}(${type === 'dynamic' ? sql : `nullIf(${sql}, '')`})${filter}`
      : `${name}(${sql})${filter}`,
    type,
  })

const anyValue = ({ sql, type }: Scalar, filter: string): Scalar => ({ sql: `any(${sql})${filter}`, type })

/** Functions over the rows of a group. Those that give several columns stand in tabular/summarize-columns.ts. */
export const aggregateFunctions: Readonly<Record<string, FunctionWriter>> = {
  count: (call) => {
    if (call.args.length > 1) argumentsOf(call, 0)
    return long('count()')
  },
  countif: (call) => long(`countIf(${holds(at(argumentsOf(call, 1), 0))})`),
  dcount: (call) => long(`uniqExact(${distinctOf(at(argumentsOf(call, 1, 2), 0))})`),
  dcountif: (call) => distinctIf(argumentsOf(call, 2, 3)),
  count_distinct: (call) => long(`uniqExact(${distinctOf(at(argumentsOf(call, 1), 0))})`),
  count_distinctif: (call) => distinctIf(argumentsOf(call, 2)),
  ...pair('sum', sum),
  ...pair('avg', average),
  ...pair('min', extreme('min')),
  ...pair('max', extreme('max')),
  ...pair('stdev', spread('stddevSamp', 1)),
  stdevp: (call) => spread('stddevPop', 0)(at(argumentsOf(call, 1), 0), ''),
  ...pair('variance', spread('varSamp', 1)),
  ...pair('variancep', spread('varPop', 0)),
  covariance: covariance('covarSamp'),
  covarianceif: covariance('covarSamp', true),
  covariancep: covariance('covarPop'),
  covariancepif: covariance('covarPop', true),
  ...pair('take_any', anyValue),
  ...pair('any', anyValue),
  percentile: (call) => {
    const values = argumentsOf(call, 2)
    return percentile(at(values, 0), at(values, 1), call)
  },
  percentilew: (call) => {
    const values = argumentsOf(call, 3)
    return percentile(at(values, 0), at(values, 2), call, at(values, 1))
  },
  percentiles_array: (call) => {
    const [value, ...ranks] = argumentsOf(call, 2, 64)
    const listed = ranks
      .flatMap((rank) => ranksOf(rank))
      .map((rank) => (value ? jsonOf(percentile(value, rank, call)) : "''"))
    return { sql: jsonArray(`[${listed.join(', ')}]`), type: 'dynamic' }
  },
  percentilesw_array: (call) => {
    const [value, weight, ...ranks] = argumentsOf(call, 3, 64)
    const all = ranks.flatMap((rank) => ranksOf(rank))
    const written = all.map((rank) => (value ? jsonOf(percentile(value, rank, call, weight)) : "''"))
    return { sql: jsonArray(`[${written.join(', ')}]`), type: 'dynamic' }
  },
  binary_all_and: (call) => ({ sql: `toInt64(groupBitAnd(${at(argumentsOf(call, 1), 0).sql}))`, type: 'long' }),
  binary_all_or: (call) => ({ sql: `toInt64(groupBitOr(${at(argumentsOf(call, 1), 0).sql}))`, type: 'long' }),
  binary_all_xor: (call) => ({ sql: `toInt64(groupBitXor(${at(argumentsOf(call, 1), 0).sql}))`, type: 'long' }),
  make_set: collection({ isSet: true }),
  makeset: collection({ isSet: true }),
  make_set_if: collection({ isSet: true, hasCondition: true }),
  make_list: collection({}),
  makelist: collection({}),
  make_list_if: collection({ hasCondition: true }),
  make_list_with_nulls: collection({ keepsNulls: true }),
  make_bag: bag,
  make_bag_if: bag,
  make_dictionary: bag,
}

/** How two columns go together; rows without one of them do not count. */
function covariance(name: string, isConditional = false): FunctionWriter {
  return (call) => {
    const values = argumentsOf(call, isConditional ? 3 : 2)
    const [one, other] = [realOf(at(values, 0)), realOf(at(values, 1))]
    const isPresent = `${one} IS NOT NULL AND ${other} IS NOT NULL`
    const condition = isConditional ? `${isPresent} AND ${holds(at(values, 2))}` : isPresent
    const filter = ` FILTER (WHERE ${condition})`
    const numbers = `ifNull(${one}, 0), ifNull(${other}, 0)`
    return { sql: notNan(`${name}(${numbers})${filter}`), type: 'real' }
  }
}

function ranksOf(rank: Scalar): Scalar[] {
  if (rank.type !== 'dynamic' || typeof rank.constant !== 'string') return [rank]
  const parsed: unknown = JSON.parse(rank.constant)
  return Array.isArray(parsed)
    ? parsed.map((one): Scalar => ({ sql: String(Number(one)), type: 'real', constant: Number(one) }))
    : [rank]
}

function distinctIf(values: readonly Scalar[]): Scalar {
  return long(`uniqExactIf(${distinctOf(at(values, 0))}, ${holds(at(values, 1))})`)
}

function distinctOf(value: Scalar): string {
  return value.type === 'dynamic' ? asText(value) : value.sql
}

/** By the nearest rank: the least value that so many per cent of the values do not exceed. */
export function percentile(value: Scalar, rank: Scalar, call: Call, weight?: Scalar): Scalar {
  const percent = typeof rank.constant === 'bigint' ? Number(rank.constant) : rank.constant
  if (typeof percent !== 'number' || percent < 0 || percent > 100)
    throw new QueryMistake('semantics', 'a percentile is a number from 0 to 100', call.node)
  const { sql, type } = counted(value)
  if (weight === undefined) {
    // A hair below the level: where so many per cent are a whole number of values, the last of these and not the next.
    const below = call.scope.writer.bind('Float64', (percent / 100) * (1 - 1e-12))
    return { sql: `if(count(${sql}) = 0, NULL, quantileExact(${below})(${sql}))`, type }
  }
  const level = call.scope.writer.bind('Float64', percent / 100)
  const by = `toUInt64(ifNull(${weight.sql}, 0))`
  return { sql: `if(count(${sql}) = 0, NULL, quantileExactWeighted(${level})(${sql}, ${by}))`, type }
}

interface CollectionForm {
  readonly isSet?: boolean
  readonly hasCondition?: boolean
  readonly keepsNulls?: boolean
}

/** `make_list` and `make_set`: without nulls; in the order of the rows, where they have one. */
function collection(form: CollectionForm): FunctionWriter {
  return (call) => {
    const values = argumentsOf(call, form.hasCondition ? 2 : 1, form.hasCondition ? 3 : 2)
    const json = jsonOf(at(values, 0))
    const size = Math.min(
      ELEMENTS_MAX,
      Math.max(0, constantWhole(values[form.hasCondition ? 2 : 1], call.node) ?? ELEMENTS_MAX),
    )
    const conditions = [
      ...(form.hasCondition ? [holds(at(values, 1))] : []),
      ...(form.keepsNulls ? [] : [`${json} != 'null'`]),
    ]
    const filter = conditions.length === 0 ? '' : ` FILTER (WHERE ${conditions.join(' AND ')})`
    return { sql: jsonArray(gathered({ json, filter, size, isSet: form.isSet === true }, call)), type: 'dynamic' }
  }
}

interface Gathered {
  readonly json: string
  readonly filter: string
  readonly size: number
  readonly isSet: boolean
}

function gathered({ json, filter, size, isSet }: Gathered, { scope }: Call): string {
  const { rows } = scope
  if (!rows?.isOrdered) {
    const name = isSet ? 'groupUniqArray' : 'groupArray'
    return size === 0 ? `arraySlice(${name}(1)(${json})${filter}, 1, 0)` : `${name}(${size})(${json})${filter}`
  }
  const sorted = `arrayMap(pair -> pair.2, arraySort(groupArray(${ELEMENTS_MAX})((${rows.position()}, ${json}))${filter}))`
  return `arraySlice(${isSet ? `arrayDistinct(${sorted})` : sorted}, 1, ${size})`
}

/** `make_bag`: all members of all bags; of a key that is there twice any of its values. */
function bag(call: Call): Scalar {
  const values = argumentsOf(call, 1, 3)
  const value = at(values, 0)
  const condition = values[1]?.type === 'bool' ? ` FILTER (WHERE ${holds(values[1])})` : ''
  const all = `arrayFlatten(groupArray(${ELEMENTS_MAX})(JSONExtractKeysAndValuesRaw(${jsonOf(value)}))${condition})`
  const first = `arrayMap(members -> arrayFilter((pair, place) -> indexOf(arrayMap(pair -> pair.1, members), pair.1) = place, members, arrayEnumerate(members)), [${all}])[1]`
  return { sql: jsonObject(first), type: 'dynamic' }
}
