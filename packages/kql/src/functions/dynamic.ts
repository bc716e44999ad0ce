import { kindOf } from '../analyzer/kusto.ts'
import { QueryMistake } from '../problem.ts'
import { converts, elements, jsonArray, jsonObject, jsonOf, jsonString, wholeOf } from '../scalar/convert.ts'
import { asText, dynamicText, type Scalar } from '../scalar/scalar.ts'
import { ARGUMENTS_MAX, argumentsOf, at, type Call, constantText, fn, type FunctionWriter } from './function.ts'

const dynamic = (sql: string): Scalar => ({ sql, type: 'dynamic' })
const pairs = (json: string): string => `JSONExtractKeysAndValuesRaw(${json})`
const EMPTY_IF_NO_ARRAY = (json: string, sql: string): string => `if(startsWith(${json}, '['), ${sql}, '')`

/** Functions on arrays and bags. */
export const dynamicFunctions: Readonly<Record<string, FunctionWriter>> = {
  array_length: fn('long', 'j', (json) => `if(startsWith(${json}, '['), toInt64(JSONLength(${json})), NULL)`),
  pack_array: (call) => {
    const values = argumentsOf(call, 0, ARGUMENTS_MAX)
    return dynamic(jsonArray(`[${values.length === 0 ? "''" : values.map(jsonOf).join(', ')}]`))
  },
  array_concat: fn('dynamic', 'j?j*', (...arrays) => jsonArray(`arrayConcat(${arrays.map(elements).join(', ')})`)),
  array_iff: arrayIff,
  array_iif: arrayIff,
  array_index_of: indexOf,
  array_reverse: fn('dynamic', 'j', (json) => jsonArray(`arrayReverse(${elements(json ?? '')})`)),
  array_rotate_left: fn('dynamic', 'ji', (json, by) => rotated(json ?? '', by ?? '0')),
  array_rotate_right: fn('dynamic', 'ji', (json, by) => rotated(json ?? '', `-(${by})`)),
  array_shift_left: shifted(1),
  array_shift_right: shifted(-1),
  array_slice: (call) => {
    const [array, start, end] = argumentsOf(call, 3)
    const from = (index: Scalar | undefined): string =>
      index === undefined ? '0' : `if(${index.sql} < 0, greatest(0, size + ${index.sql}), ${index.sql})`
    const length = `greatest(0, ${from(end)} - ${from(start)} + 1)`
    const slice = `arrayMap(size -> arraySlice(parts, ${from(start)} + 1, ${length}), [toInt64(length(parts))])[1]`
    return dynamic(jsonArray(`arrayMap(parts -> ${slice}, [${elements(array ? jsonOf(array) : "''")}])[1]`))
  },
  array_sort_asc: sorting('arraySort'),
  array_sort_desc: sorting('arrayReverseSort'),
  array_split: arraySplit,
  array_sum: fn(
    'real',
    'j',
    (json) =>
      `arraySum(arrayMap(value -> ifNull(toFloat64OrNull(${dynamicText('value')}), 0), ${elements(json ?? '')}))`,
  ),
  bag_keys: fn(
    'dynamic',
    'j',
    (json) =>
      `if(startsWith(${json}, '{'), ${jsonArray(`arrayMap(key -> ${jsonString('key')}, JSONExtractKeys(${json}))`)}, '')`,
  ),
  bag_has_key: (call) => {
    const [bag, key] = argumentsOf(call, 2)
    const json = bag ? jsonOf(bag) : "''"
    const path = key?.constant
    if (typeof path === 'string' && path.startsWith('$')) {
      const parts = jsonPath(path, call).map((part) =>
        typeof part === 'number' ? String(part + 1) : call.scope.writer.text(part),
      )
      return { sql: `JSONHas(${[json, ...parts].join(', ')})`, type: 'bool' }
    }
    return { sql: `JSONHas(${json}, ${key ? asText(key) : "''"})`, type: 'bool' }
  },
  // The first bag that has a key wins.
  bag_merge: fn('dynamic', 'jj?j*', (...bags) =>
    jsonObject(firstOfEachKey(`arrayConcat(${bags.map(pairs).join(', ')})`)),
  ),
  bag_remove_keys: removeKeys,
  bag_set_key: (call) => {
    const [bag, key, value] = argumentsOf(call, 3)
    if (!bag || !key || !value) throw new RangeError('no arguments')
    const added = `[(${asText(key)}, ${jsonOf(value)})]`
    return dynamic(
      jsonObject(`arrayConcat(arrayFilter(pair -> pair.1 != ${asText(key)}, ${pairs(jsonOf(bag))}), ${added})`),
    )
  },
  bag_zip: fn('dynamic', 'jj', (keys, values) =>
    jsonObject(
      `arrayZip(arrayMap(key -> ${dynamicText('key')}, ${elements(keys ?? '')}), arrayResize(${elements(values ?? '')}, length(${elements(keys ?? '')}), 'null'))`,
    ),
  ),
  bag_pack: pack,
  pack,
  pack_dictionary: pack,
  bag_pack_columns: (call) =>
    packed(
      argumentsOf(call, 1, ARGUMENTS_MAX).map((value) => [value.name ?? '', value] as const),
      call,
    ),
  pack_all: (call) => {
    const [ignoresEmpty] = argumentsOf(call, 0, 1)
    const all = [...call.scope.columns.entries()]
    return packed(all, call, ignoresEmpty?.constant === true)
  },
  dynamic_to_json: fn('string', 'j', (json = '') => json),
  estimate_data_size: dataSize,
  extract_json: extractJson,
  extractjson: extractJson,
  gettype: (call) => {
    const value = at(argumentsOf(call, 1), 0)
    if (value.type !== 'dynamic')
      return { sql: call.scope.writer.text(value.type === 'real' ? 'double' : value.type), type: 'string' }
    const names =
      "transform(toString(JSONType(json)), ['Object', 'Array', 'String', 'Int64', 'UInt64', 'Double', 'Bool', 'Null'], ['dictionary', 'array', 'string', 'long', 'long', 'double', 'bool', 'null'], 'null')"
    return { sql: `arrayMap(json -> if(empty(json), 'null', ${names}), [${value.sql}])[1]`, type: 'string' }
  },
  jaccard_index: fn(
    'real',
    'jj',
    (one = '', other = '') =>
      `(length(arrayIntersect(${elements(one)}, ${elements(other)})) / nullIf(length(arrayDistinct(arrayConcat(${elements(one)}, ${elements(other)}))), 0))`,
  ),
  repeat: fn('dynamic', 'ji', (value, count) =>
    jsonArray(`arrayWithConstant(toUInt64(least(1048576, greatest(0, ifNull(${count}, 0)))), ${value})`),
  ),
  range: rangeArray,
  set_difference: fn('dynamic', 'jj?j*', (first = '', ...others) =>
    jsonArray(
      `arrayDistinct(arrayFilter(value -> NOT has(arrayConcat(${others.map(elements).join(', ')}), value), ${elements(first)}))`,
    ),
  ),
  set_has_element: (call) => {
    const [array, value] = argumentsOf(call, 2)
    return { sql: `has(${array ? textsOf(array) : '[]'}, ${value ? asText(value) : "''"})`, type: 'bool' }
  },
  set_intersect: fn('dynamic', 'jj?j*', (first = '', ...others) =>
    jsonArray(
      `arrayDistinct(arrayFilter(value -> ${others.map((other) => `has(${elements(other)}, value)`).join(' AND ')}, ${elements(first)}))`,
    ),
  ),
  set_union: fn('dynamic', 'j?j*', (...arrays) =>
    jsonArray(`arrayDistinct(arrayConcat(${arrays.map(elements).join(', ')}))`),
  ),
  set_equals: fn(
    'bool',
    'jj',
    (one = '', other = '') =>
      `(arraySort(arrayDistinct(${elements(one)})) = arraySort(arrayDistinct(${elements(other)})))`,
  ),
  treepath: fn('dynamic', 'j', (json) =>
    jsonArray(`arrayMap(pair -> ${jsonString("concat('[''', pair.1, ''']')")}, ${pairs(json ?? '')})`),
  ),
  zip: fn('dynamic', 'jj?j*', (...arrays) => {
    const size = `arrayMax([${arrays.map((json) => `length(${elements(json)})`).join(', ')}])`
    const row = jsonArray(`[${arrays.map((_, index) => `column${index}`).join(', ')}]`)
    const names = arrays.map((_, index) => `column${index}`).join(', ')
    const columns = arrays.map((json) => `arrayResize(${elements(json)}, ${size}, 'null')`).join(', ')
    return jsonArray(`arrayMap((${names}) -> ${row}, ${columns})`)
  }),
}

/** The place of a value, from a start on, among so many values, the so-many-th time. */
function indexOf(call: Call): Scalar {
  const values = argumentsOf(call, 2, 5)
  const number = (value: Scalar | undefined, otherwise: string): string =>
    value === undefined ? otherwise : `ifNull(${wholeOf(value)}, ${otherwise})`
  const [start, length, occurrence] = [number(values[2], '0'), number(values[3], '-1'), number(values[4], '1')]
  const first = `if(${start} < 0, greatest(0, toInt64(length(texts)) + ${start}), ${start})`
  const last = `if(${length} < 0, toInt64(length(texts)), first + ${length})`
  const places = `arrayFilter(place -> texts[place] = needle AND place > first AND place <= ${last}, arrayMap(place -> toInt64(place), arrayEnumerate(texts)))`
  const found = `arrayMap(places -> if(length(places) < ${occurrence}, -1, places[${occurrence}] - 1), [${places}])[1]`
  const written = `arrayMap((texts, needle) -> arrayMap(first -> ${found}, [${first}])[1], [${textsOf(at(values, 0))}], [${asText(at(values, 1))}])[1]`
  return { sql: `if(${occurrence} < 0 OR ${length} < -1, NULL, ${written})`, type: 'long' }
}

/** Elements as texts, without their quotes. */
function textsOf(value: Scalar): string {
  return `arrayMap(value -> ${dynamicText('value')}, ${elements(jsonOf(value))})`
}

function rotated(json: string, by: string): string {
  const shift = `positiveModulo(toInt64(${by}), toInt64(length(parts)))`
  return jsonArray(
    `arrayMap(parts -> if(empty(parts), parts, arrayConcat(arraySlice(parts, ${shift} + 1), arraySlice(parts, 1, ${shift}))), [${elements(json)}])[1]`,
  )
}

function shifted(direction: 1 | -1): FunctionWriter {
  return (call) => {
    const values = argumentsOf(call, 2, 3)
    const fill = values[2] === undefined ? "'null'" : jsonOf(values[2])
    const by = `(${direction} * toInt64(ifNull(${wholeOf(at(values, 1))}, 0)))`
    const cell = `if(place + ${by} BETWEEN 1 AND length(parts), parts[place + ${by}], ${fill})`
    return dynamic(
      jsonArray(
        `arrayMap(parts -> arrayMap(place -> ${cell}, arrayMap(place -> toInt64(place), arrayEnumerate(parts))), [${elements(jsonOf(at(values, 0)))}])[1]`,
      ),
    )
  }
}

/** Sorts numbers as numbers and everything else as text; nulls are last. */
function sorting(name: 'arraySort' | 'arrayReverseSort'): FunctionWriter {
  return (call) => {
    const values = argumentsOf(call, 1, ARGUMENTS_MAX)
    const nullsLast = values.at(-1)?.type === 'bool' && values.length > 1 ? values.at(-1) : undefined
    const [array, ...others] = nullsLast ? values.slice(0, -1) : values
    if (others.length > 0) return sortedTogether(name, { array, others, areNullsLast: nullsLast?.constant !== false })
    const json = array ? jsonOf(array) : "''"
    const areNullsLast = nullsLast?.constant !== false
    const present = `arrayFilter(value -> value != 'null', ${elements(json)})`
    const nulls = `arrayFilter(value -> value = 'null', ${elements(json)})`
    const sorted = `${name}(value -> (ifNull(toFloat64OrNull(value), 0), ${dynamicText('value')}), ${present})`
    return dynamic(
      EMPTY_IF_NO_ARRAY(
        json,
        jsonArray(areNullsLast ? `arrayConcat(${sorted}, ${nulls})` : `arrayConcat(${nulls}, ${sorted})`),
      ),
    )
  }
}

interface Together {
  readonly array: Scalar | undefined
  readonly others: readonly Scalar[]
  readonly areNullsLast: boolean
}

/** All arrays in the order of the first, as an array of arrays; one of another length is null. */
function sortedTogether(name: 'arraySort' | 'arrayReverseSort', { array, others, areNullsLast }: Together): Scalar {
  const first = elements(array ? jsonOf(array) : "''")
  const nullRank = areNullsLast === (name === 'arraySort') ? 1 : -1
  const rank = `tuple(if(parts[place] = 'null', ${nullRank}, 0), ifNull(toFloat64OrNull(parts[place]), 0), ${dynamicText('parts[place]')})`
  const order = `${name}(place -> ${rank}, arrayEnumerate(parts))`
  const columns = [
    jsonArray('arrayMap(place -> parts[place], places)'),
    ...others.map(
      (other) =>
        `arrayMap(more -> if(length(more) = length(parts), ${jsonArray('arrayMap(place -> more[place], places)')}, 'null'), [${elements(jsonOf(other))}])[1]`,
    ),
  ]
  return dynamic(
    `arrayMap(parts -> arrayMap(places -> ${jsonArray(`[${columns.join(', ')}]`)}, [${order}])[1], [${first}])[1]`,
  )
}

function arrayIff(call: Call): Scalar {
  const [conditions, yes, no] = argumentsOf(call, 3)
  const list = (value: Scalar | undefined): string =>
    value === undefined
      ? '[]'
      : value.type === 'dynamic'
        ? `if(startsWith(${value.sql}, '['), arrayResize(${elements(value.sql)}, length(truths), 'null'), arrayWithConstant(length(truths), ${jsonOf(value)}))`
        : `arrayWithConstant(length(truths), ${jsonOf(value)})`
  const isTrue = `truth = 'true' OR ifNull(toFloat64OrNull(truth), 0) != 0`
  return dynamic(
    jsonArray(
      `arrayMap(truths -> arrayMap((truth, yes, no) -> if(truth = 'null' OR startsWith(truth, '"'), 'null', if(${isTrue}, yes, no)), truths, ${list(yes)}, ${list(no)}), [${elements(conditions ? jsonOf(conditions) : "''")}])[1]`,
    ),
  )
}

function arraySplit(call: Call): Scalar {
  const [array, places] = argumentsOf(call, 2)
  const json = array ? jsonOf(array) : "''"
  const given =
    places?.type === 'dynamic'
      ? `arrayMap(value -> toInt64OrZero(value), ${elements(places.sql)})`
      : `[toInt64(ifNull(${places?.sql ?? '0'}, 0))]`
  const cuts = `arrayMap(cut -> if(cut < 0, greatest(0, size + cut), least(cut, size)), ${given})`
  const parts = `arrayMap((start, stop) -> ${jsonArray('arraySlice(parts, start + 1, greatest(0, stop - start))')}, arrayConcat([toInt64(0)], cuts), arrayConcat(cuts, [size]))`
  return dynamic(
    jsonArray(
      `arrayMap((parts, size) -> arrayMap(cuts -> ${parts}, [${cuts}])[1], [${elements(json)}], [toInt64(JSONLength(${json}))])[1]`,
    ),
  )
}

/** Keys of the outermost bag, and members of inner ones by a path such as $.a.b where the query says it. */
function removeKeys(call: Call): Scalar {
  const [bag, keys] = argumentsOf(call, 2)
  const list = keys ? elements(jsonOf(keys)) : '[]'
  const left = jsonObject(
    `arrayFilter(pair -> NOT has(arrayMap(key -> ${dynamicText('key')}, ${list}), pair.1), ${pairs(bag ? jsonOf(bag) : "''")})`,
  )
  const given: unknown = typeof keys?.constant === 'string' ? JSON.parse(keys.constant) : []
  const paths = Array.isArray(given)
    ? given.filter((key): key is string => typeof key === 'string' && key.startsWith('$'))
    : []
  if (paths.length === 0) return dynamic(left)
  return dynamic(
    paths.reduce((json, path) => {
      const [, ...keysOfPath] = ['', ...jsonPath(path, call).map((part) => call.scope.writer.text(String(part)))]
      return withoutMember(json, keysOfPath)
    }, left),
  )
}

function withoutMember(json: string, [key = "''", ...rest]: readonly string[]): string {
  const kept =
    rest.length === 0
      ? `arrayFilter(pair -> pair.1 != ${key}, ${pairs(json)})`
      : `arrayMap(pair -> if(pair.1 = ${key} AND startsWith(pair.2, '{'), (pair.1, ${withoutMember('pair.2', rest)}), pair), ${pairs(json)})`
  return jsonObject(kept)
}

function firstOfEachKey(list: string): string {
  return `arrayMap(members -> arrayFilter((pair, place) -> indexOf(arrayMap(pair -> pair.1, members), pair.1) = place, members, arrayEnumerate(members)), [${list}])[1]`
}

/** `bag_pack(key, value, …)`. */
function pack(call: Call): Scalar {
  const values = argumentsOf(call, 2, 2 * ARGUMENTS_MAX)
  if (values.length % 2 === 1) throw new QueryMistake('semantics', 'every key needs a value', call.node)
  const written: string[] = []
  for (let index = 0; index < values.length; index += 2)
    written.push(`(${asText(at(values, index))}, ${jsonOf(at(values, index + 1))})`)
  return dynamic(jsonObject(`[${written.join(', ')}]`))
}

/** A bag of columns by their names; `isSparse` leaves out what is empty. */
function packed(all: readonly (readonly [string, Scalar])[], { scope }: Call, isSparse = false): Scalar {
  if (all.length === 0) return dynamic("'{}'")
  const list = `[${all.map(([name, value]) => `(${scope.writer.text(name)}, ${jsonOf(value)})`).join(', ')}]`
  return dynamic(jsonObject(isSparse ? `arrayFilter(pair -> pair.2 NOT IN ('null', '""', ''), ${list})` : list))
}

const BYTES: Readonly<Partial<Record<Scalar['type'], number>>> = { bool: 1, int: 4, guid: 16, decimal: 16 }

/** Bytes of the columns: of a text its length, of anything else what one value takes. */
function dataSize(call: Call): Scalar {
  const isAll = call.argumentNodes.some((node) => kindOf(node) === 'StarExpression')
  const values = isAll ? [...call.scope.columns.values()] : argumentsOf(call, 1, ARGUMENTS_MAX)
  const sizes = values.map(({ sql, type }) =>
    type === 'string' || type === 'dynamic' ? `toInt64(length(${sql}))` : String(BYTES[type] ?? 8),
  )
  return { sql: `(${sizes.join(' + ') || '0'})`, type: 'long' }
}

function rangeArray(call: Call): Scalar {
  const values = argumentsOf(call, 2, 3)
  const [start, stop, step] = [at(values, 0), at(values, 1), values[2]]
  const isMoment = start.type === 'datetime'
  const isSpan = start.type === 'timespan'
  const number = (value: Scalar): string =>
    isMoment || isSpan
      ? `toInt64(${value.type === 'datetime' ? `reinterpretAsInt64(${value.sql})` : value.sql})`
      : value.sql
  const by = step === undefined ? (isMoment || isSpan ? '36000000000' : '1') : number(step)
  const count = `toUInt64(least(1048576, greatest(0, floor((${number(stop)} - ${number(start)}) / nullIf(${by}, 0)) + 1)))`
  const value = `${number(start)} + place * ${by}`
  const type = isMoment
    ? 'datetime'
    : isSpan
      ? 'timespan'
      : [start, step].some((one) => one?.type === 'real')
        ? 'real'
        : 'long'
  const item = jsonOf({
    sql: isMoment ? `reinterpret(toInt64(${value}), 'DateTime64(7, \\'UTC\\')')` : `(${value})`,
    type,
  })
  return dynamic(jsonArray(`arrayMap(place -> ${item}, arrayMap(place -> toInt64(place), range(ifNull(${count}, 0))))`))
}

/** `extract_json("$.a[0].b", json)`; a third argument is the type. */
function extractJson(call: Call): Scalar {
  const [path, json] = argumentsOf({ ...call, args: call.args.slice(0, 2) }, 2)
  const parts = jsonPath(constantText(path, call.node) ?? '$', call).map((part) =>
    typeof part === 'number' ? String(part + 1) : call.scope.writer.text(part),
  )
  const raw: Scalar = dynamic(`JSONExtractRaw(${[json ? asText(json) : "''", ...parts].join(', ')})`)
  const type = call.node.ResultType?.Name
  return type === 'long' ||
    type === 'int' ||
    type === 'real' ||
    type === 'bool' ||
    type === 'datetime' ||
    type === 'timespan'
    ? { sql: converts(raw, type), type }
    : { sql: asText(raw), type: 'string' }
}

function jsonPath(path: string, call: Call): (string | number)[] {
  const parts: (string | number)[] = []
  let end = 1
  for (const match of path.slice(1).matchAll(/\.?([^.[\]]+)|\[(\d+)\]|\[['"]([^'"]*)['"]\]/gy)) {
    end = 1 + match.index + match[0].length
    parts.push(match[2] === undefined ? (match[1] ?? match[3] ?? '') : Number(match[2]))
  }
  if (!path.startsWith('$') || end < path.length)
    throw new QueryMistake('bad-literal', 'a path is $, followed by .name and [number]', call.node)
  return parts
}
