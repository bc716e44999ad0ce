import { typeNamed } from '../column-types.ts'
import { QueryMistake } from '../problem.ts'
import { convertedTo, elements, jsonArray, jsonString, realOf } from '../scalar/convert.ts'
import { sourceText } from '../scalar/names.ts'
import { asText, dynamicText, type Scalar } from '../scalar/scalar.ts'
import {
  ARGUMENTS_MAX,
  argumentsOf,
  at,
  type Call,
  constantText,
  constantWhole,
  fn,
  type FunctionWriter,
} from './function.ts'

const text = (sql: string): Scalar => ({ sql, type: 'string' })
const replaced: FunctionWriter = fn(
  'string',
  'sss',
  (subject, pattern, to) => `replaceRegexpAll(${subject}, ${dotted(pattern ?? '')}, ${to})`,
)
const oneLine = fn(
  'string',
  'sss',
  (subject, from, to) => `if(${from} = '', ${subject}, replaceAll(${subject}, ${from}, ${to}))`,
)

/** A dot of RE2 means no line break, unless (?s) says so; ClickHouse's does. */
function dotted(pattern: string): string {
  return `concat('(?-s)', ${pattern})`
}

/** Functions on text. */
export const textFunctions: Readonly<Record<string, FunctionWriter>> = {
  tolower: fn('string', 's', (value) => `lowerUTF8(${value})`),
  toupper: fn('string', 's', (value) => `upperUTF8(${value})`),
  reverse: fn('string', 's', (value) => `reverseUTF8(${value})`),
  strlen: fn('long', 's', (value) => `toInt64(lengthUTF8(${value}))`),
  string_size: fn('long', 's', (value) => `toInt64(length(${value}))`),
  strcat: fn('string', 's?s*', (...values) => `concat(${["''", ...values].join(', ')})`),
  strcat_delim: fn(
    'string',
    'ss?s*',
    (delimiter, ...values) => `arrayStringConcat([${values.join(', ')}], ${delimiter})`,
  ),
  strcat_array: fn(
    'string',
    'js',
    (array, delimiter) =>
      `arrayStringConcat(arrayMap(value -> ${dynamicText('value')}, ${elements(array ?? '')}), ${delimiter})`,
  ),
  strrep: fn(
    'string',
    'si?s',
    (value, count, delimiter = "''") =>
      `arrayStringConcat(arrayWithConstant(toUInt64(least(1024, greatest(0, ifNull(${count}, 0)))), ${value}), ${delimiter})`,
  ),
  strcmp: fn('int', 'ss', (one, other) => `toInt64(multiIf(${one} < ${other}, -1, ${one} > ${other}, 1, 0))`),
  substring,
  replace_string: oneLine,
  replace_strings: (call) => {
    const [subject, from, to] = argumentsOf(call, 3)
    const pairs = `arrayZip(${listText(from)}, arrayResize(${listText(to)}, length(${listText(from)}), ''))`
    return text(
      `arrayFold((done, pair) -> replaceAll(done, pair.1, pair.2), ${pairs}, ${subject ? asText(subject) : "''"})`,
    )
  },
  replace_regex: replaced,
  replace: fn(
    'string',
    'sss',
    (pattern, to, subject) => `replaceRegexpAll(${subject}, ${dotted(pattern ?? '')}, ${to})`,
  ),
  translate: fn(
    'string',
    'sss',
    (from, to, subject) =>
      `arrayStringConcat(arrayMap(letter -> if(has(ngrams(${from}, 1), letter), if(lengthUTF8(${to}) = 0, '', substringUTF8(${to}, least(toInt64(indexOf(ngrams(${from}, 1), letter)), toInt64(lengthUTF8(${to}))), 1)), letter), ngrams(${subject}, 1)), '')`,
  ),
  trim: fn(
    'string',
    'ss',
    (pattern, subject) =>
      `replaceRegexpOne(replaceRegexpOne(${subject}, concat('^(?:', ${pattern}, ')+'), ''), concat('(?:', ${pattern}, ')+$'), '')`,
  ),
  trim_start: fn(
    'string',
    'ss',
    (pattern, subject) => `replaceRegexpOne(${subject}, concat('^(?:', ${pattern}, ')+'), '')`,
  ),
  trim_end: fn(
    'string',
    'ss',
    (pattern, subject) => `replaceRegexpOne(${subject}, concat('(?:', ${pattern}, ')+$'), '')`,
  ),
  indexof,
  indexof_regex: indexofRegex,
  countof,
  extract,
  extract_all: extractAll,
  extractall: extractAll,
  split,
  isascii: fn('bool', 's', (value) => `match(${value}, '^[\\\\x00-\\\\x7F]*$')`),
  isutf8: fn('bool', 's', (value) => `isValidUTF8(${value})`),
  has_any_index: (call) => {
    const [subject, list] = argumentsOf(call, 2)
    const found = `arrayFirstIndex(needle -> match(subject, concat('(?is)(?:^|[^\\\\p{L}\\\\p{N}])', regexpQuoteMeta(needle), '(?:$|[^\\\\p{L}\\\\p{N}])')), ${listText(list)})`
    return { sql: `arrayMap(subject -> toInt64(${found}) - 1, [${subject ? asText(subject) : "''"}])[1]`, type: 'long' }
  },
  url_encode: fn('string', 's', (value = '') => `replaceAll(${urlEncoded(value)}, '%20', '+')`),
  url_encode_component: fn('string', 's', (value = '') => urlEncoded(value)),
  regex_quote: fn('string', 's', (value) => `regexpQuoteMeta(${value})`),
  url_decode: fn('string', 's', (value) => `decodeURLComponent(${value})`),
  base64_encode_tostring: fn('string', 's', (value) => `base64Encode(${value})`),
  base64_encodestring: fn('string', 's', (value) => `base64Encode(${value})`),
  base64_decode_tostring: decoded,
  base64_decodestring: decoded,
  base64_decode_toarray: fn('dynamic', 's', (value) =>
    jsonArray(`arrayMap(byte -> toString(reinterpretAsUInt8(byte)), ngrams(tryBase64Decode(${value}), 1))`),
  ),
  base64_encode_fromarray: fn(
    'string',
    'j',
    (array = '') =>
      `base64Encode(arrayStringConcat(arrayMap(byte -> char(toInt64OrZero(byte)), ${elements(array)}), ''))`,
  ),
  format_bytes: formatBytes,
  unicode_codepoints_from_string: codepoints,
  unicode_codepoints_to_string: madeOfCodes,
  make_string: madeOfCodes,
  to_utf8: codepoints,
  parse_csv: fn('dynamic', 's', (value) => {
    // Only the first record: cells up to the first end of a line that is not inside of quotes.
    const cells = `extractAllGroupsVertical(concat(${value}, '\\n'), '((?:"(?:[^"]|"")*")|[^,\\r\\n]*)(,|\\r?\\n)')`
    const first = `arrayMap(cells -> arraySlice(cells, 1, arrayFirstIndex(cell -> cell[2] != ',', cells)), [${cells}])[1]`
    const unquoted =
      "if(startsWith(cell[1], '\"'), replaceAll(substring(cell[1], 2, length(cell[1]) - 2), '\"\"', '\"'), cell[1])"
    return jsonArray(`arrayMap(cell -> ${jsonString(unquoted)}, ${first})`)
  }),
}

/** Bytes that are no text are the empty one. */
function decoded(call: Call): Scalar {
  const value = asText(at(argumentsOf(call, 1), 0))
  return text(`arrayMap(bytes -> if(isValidUTF8(bytes), bytes, ''), [tryBase64Decode(${value})])[1]`)
}

function codepoints(call: Call): Scalar {
  const value = asText(at(argumentsOf(call, 1), 0))
  const code = "reinterpretAsUInt32(reverse(convertCharset(letter, 'UTF-8', 'UTF-32BE')))"
  return { sql: jsonArray(`arrayMap(letter -> toString(${code}), ngrams(${value}, 1))`), type: 'dynamic' }
}

function madeOfCodes(call: Call): Scalar {
  const codes = argumentsOf(call, 1, ARGUMENTS_MAX).map((value) =>
    value.type === 'dynamic'
      ? `arrayMap(value -> toInt64OrZero(value), ${elements(value.sql)})`
      : `[toInt64(ifNull(${value.sql}, 0))]`,
  )
  return text(
    `arrayStringConcat(arrayMap(code -> JSONExtractString(concat('"\\\\u', leftPad(lower(hex(toUInt16(code))), 4, '0'), '"')), arrayConcat(${codes.join(', ')})), '')`,
  )
}

const BYTE_UNITS = ['Bytes', 'KB', 'MB', 'GB', 'TB', 'PB', 'EB']

/** In the unit that the call says, or in the largest of which there is a whole one. */
function formatBytes(call: Call): Scalar {
  const values = argumentsOf(call, 1, 3)
  const size = realOf(at(values, 0))
  const digits = values[1] === undefined ? '0' : `ifNull(toInt64(${values[1].sql}), 0)`
  const unit = constantText(values[2], call.node)
  const known = BYTE_UNITS.findIndex((one) => one.toLowerCase() === unit?.toLowerCase())
  if (unit !== undefined && unit !== '' && known < 0)
    throw new QueryMistake('semantics', `a unit is one of ${BYTE_UNITS.join(', ')}`, call.node)
  const place = known >= 0 ? String(known) : 'least(6, greatest(0, toInt64(floor(log2(greatest(abs(size), 1)) / 10))))'
  const names = `[${BYTE_UNITS.map((one) => `'${one}'`).join(', ')}]`
  const number = `toString(round(size / exp2(10 * place), toInt64(${digits})))`
  return text(
    `ifNull(arrayMap((size, place) -> concat(${number}, ' ', arrayElement(${names}, place + 1)), [${size}], [arrayMap(size -> toInt64(ifNull(${place}, 0)), [${size}])[1]])[1], '')`,
  )
}

/** With small hexadecimal digits, as Kusto writes them. */
function urlEncoded(value: string): string {
  const piece = `if(place = 1, piece, concat('%', lower(substring(piece, 1, 2)), substring(piece, 3)))`
  const pieces = `arrayMap(pieces -> arrayMap((piece, place) -> ${piece}, pieces, arrayEnumerate(pieces)), [splitByChar('%', encodeURLComponent(${value}))])[1]`
  return `arrayStringConcat(${pieces}, '')`
}

function listText(value: Scalar | undefined): string {
  return value === undefined ? '[]' : `arrayMap(value -> ${dynamicText('value')}, ${elements(value.sql)})`
}

function substring(call: Call): Scalar {
  const values = argumentsOf(call, 2, 3)
  const start = `ifNull(toInt64(${at(values, 1).sql}), 0)`
  const subject = asText(at(values, 0))
  // A start below 0 counts from the end.
  const from =
    typeof at(values, 1).constant === 'bigint' && Number(at(values, 1).constant) >= 0
      ? `(${start} + 1)`
      : `if(${start} < 0, ${start}, ${start} + 1)`
  const length = values[2] === undefined ? '' : `, toUInt64(greatest(0, ifNull(toInt64(${values[2].sql}), 0)))`
  return text(`substringUTF8(${subject}, ${from}${length})`)
}

function indexof(call: Call): Scalar {
  const values = argumentsOf(call, 2, 5)
  const [subject, needle] = [asText(at(values, 0)), asText(at(values, 1))]
  const start = constantWhole(values[2], call.node) ?? 0
  const length = constantWhole(values[3], call.node) ?? -1
  const occurrence = constantWhole(values[4], call.node) ?? 1
  const ends = length < 0 ? '' : ` AND spot + lengthUTF8(needle) <= ${Math.max(0, start) + 1 + length}`
  const from = start < 0 ? `greatest(1, toInt64(lengthUTF8(subject)) + ${start + 1})` : String(start + 1)
  if (occurrence === 1 && length < 0)
    return {
      sql: `arrayMap(subject -> toInt64(positionUTF8(subject, ${needle}, ${start < 0 ? `toUInt64(${from})` : from})) - 1, [${subject}])[1]`,
      type: 'long',
    }
  const spots = `arrayFilter(spot -> substringUTF8(subject, spot, lengthUTF8(needle)) = needle${ends}, range(toUInt64(${from}), lengthUTF8(subject) + 1))`
  const nth = occurrence < 0 ? occurrence : Math.max(1, occurrence)
  return {
    sql: `arrayMap((subject, needle) -> toInt64(arrayElement(${spots}, ${nth})) - 1, [${subject}], [${needle}])[1]`,
    type: 'long',
  }
}

/** Matches do not overlap one another; what is no place or count gives null. */
function indexofRegex(call: Call): Scalar {
  const values = argumentsOf(call, 2, 5)
  const [subject, pattern] = [asText(at(values, 0)), asText(at(values, 1))]
  const start = constantWhole(values[2], call.node) ?? 0
  const length = constantWhole(values[3], call.node) ?? -1
  const occurrence = constantWhole(values[4], call.node) ?? 1
  if (start < 0 || length < -1 || occurrence < 0) return { sql: "CAST(NULL, 'Nullable(Int64)')", type: 'long' }
  const within =
    length < 0 ? `substringUTF8(${subject}, ${start + 1})` : `substringUTF8(${subject}, ${start + 1}, ${length})`
  // Each match with what stands before it: their lengths add up to the place.
  const found = `arrayMap(within -> extractAllGroupsVertical(within, concat('((?s:.*?))((?-s)', ${pattern}, ')')), [${within}])[1]`
  const before = `arraySum(arrayMap(group -> lengthUTF8(group[1]) + lengthUTF8(group[2]), arraySlice(found, 1, ${occurrence} - 1)))`
  return {
    sql: `arrayMap(found -> if(length(found) < ${occurrence}, -1, toInt64(${before} + lengthUTF8(found[${occurrence}][1])) + ${start}), [${found}])[1]`,
    type: 'long',
  }
}

/** Plain texts may overlap one another, matches of a pattern do not. */
function countof(call: Call): Scalar {
  const values = argumentsOf(call, 2, 3)
  const [subject, needle] = [asText(at(values, 0)), asText(at(values, 1))]
  const kind = constantText(values[2], call.node) ?? 'normal'
  if (kind === 'regex') return { sql: `toInt64(countMatches(${subject}, ${needle}))`, type: 'long' }
  const spots = `arrayCount(spot -> substring(subject, spot, length(needle)) = needle, range(1, length(subject) + 1))`
  return {
    sql: `arrayMap((subject, needle) -> if(needle = '', 0, toInt64(${spots})), [${subject}], [${needle}])[1]`,
    type: 'long',
  }
}

/** The group of the first match; empty where nothing matches. A fourth argument is the type it is taken as. */
function extract(call: Call): Scalar {
  const typeNode = call.argumentNodes[3]
  const [pattern, group, subject] = argumentsOf({ ...call, args: call.args.slice(0, 3) }, 3)
  if (pattern === undefined || group === undefined || subject === undefined) throw new RangeError('no arguments')
  // The pattern is put into a group of its own, so that group 0 is the whole match.
  const found = text(
    `arrayElement(extractGroups(${asText(subject)}, concat('((?-s)', ${asText(pattern)}, ')')), toInt64(${group.sql}) + 1)`,
  )
  const type =
    typeNode === undefined ? undefined : typeNamed(/typeof\s*\(\s*(\w+)/.exec(sourceText(typeNode))?.[1] ?? '')
  return type === undefined ? found : convertedTo(found, type)
}

/** All matches: of one group an array of texts, of several an array of arrays. */
function extractAll(call: Call): Scalar {
  const values = argumentsOf(call, 2, 3)
  const pattern = at(values, 0)
  const groups = values.length === 3 ? at(values, 1) : undefined
  const subject = asText(at(values, values.length - 1))
  const known = constantText(pattern, call.node) ?? ''
  const named = [...known.replaceAll(/\\./g, '').matchAll(/\((?!\?)|\(\?P?<([A-Za-z]\w*)/g)]
  const groupCount = named.length
  if (groupCount === 0) throw new QueryMistake('semantics', 'the pattern needs a group in parentheses', call.node)
  const chosen: unknown = groups && typeof groups.constant === 'string' ? JSON.parse(groups.constant) : undefined
  const indexes = Array.isArray(chosen)
    ? chosen
        .map((one) => (typeof one === 'string' ? named.findIndex(([, name]) => name === one) + 1 : Number(one)))
        .filter((one) => one > 0 && one <= groupCount)
    : Array.from({ length: groupCount }, (_, index) => index + 1)
  const matches = `extractAllGroupsVertical(${subject}, concat('(?-s)', ${asText(pattern)}))`
  const cells = indexes.map((index) => jsonString(`found[${index}]`))
  const each = cells.length === 1 ? (cells[0] ?? "''") : jsonArray(`[${cells.join(', ')}]`)
  return { sql: jsonArray(`arrayMap(found -> ${each}, ${matches})`), type: 'dynamic' }
}

function split(call: Call): Scalar {
  const values = argumentsOf(call, 2, 3)
  const parts = `splitByString(${asText(at(values, 1))}, ${asText(at(values, 0))})`
  const all = `arrayMap(part -> ${jsonString('part')}, ${parts})`
  const wanted = values[2]
  if (wanted === undefined) return { sql: jsonArray(all), type: 'dynamic' }
  return { sql: jsonArray(`arraySlice(${all}, toInt64(${wanted.sql}) + 1, 1)`), type: 'dynamic' }
}
