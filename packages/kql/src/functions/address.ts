import { asText, type Scalar } from '../scalar/scalar.ts'
import { elements, jsonObject, jsonString } from '../scalar/convert.ts'
import { ARGUMENTS_MAX, argumentsOf, at, type Call, fn, type FunctionWriter } from './function.ts'

const V4 = '(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])(?:[.](?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])){3}'
const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16']

/** The address without its `/prefix`, and the prefix's length. */
const addressOf = (text: string): string => `splitByChar('/', ${text})[1]`
const prefixOf = (text: string, bits: number): string => `ifNull(toInt64OrNull(splitByChar('/', ${text})[2]), ${bits})`
const number4 = (text: string): string => `toInt64(IPv4StringToNumOrNull(${addressOf(text)}))`
const masked4 = (text: string, prefix: string): string => `intDiv(${number4(text)}, toInt64(exp2(32 - ${prefix})))`

/** Functions on addresses, `10.0.0.1` or `10.0.0.0/8`. What is no address gives null. */
export const addressFunctions: Readonly<Record<string, FunctionWriter>> = {
  parse_ipv4: fn(
    'long',
    's',
    (value = '') => `(${masked4(value, prefixOf(value, 32))} * toInt64(exp2(32 - ${prefixOf(value, 32)})))`,
  ),
  parse_ipv4_mask: fn(
    'long',
    'si',
    (value = '', prefix = '') => `(${masked4(value, prefix)} * toInt64(exp2(32 - ${prefix})))`,
  ),
  format_ipv4: formatV4,
  format_ipv4_mask: (call) => {
    const { sql } = formatV4(call)
    const [value, given] = argumentsOf(call, 1, 2)
    const own = value?.type === 'string' ? prefixOf(asText(value), 32) : '32'
    const prefix = given === undefined ? own : `least(${own}, ${given.sql})`
    return {
      sql: `arrayMap(address -> if(address = '' OR ${prefix} < 0, '', concat(address, '/', toString(${prefix}))), [${sql}])[1]`,
      type: 'string',
    }
  },
  ipv4_netmask_suffix: fn('long', 's', (value = '') => `if(${number4(value)} IS NULL, NULL, ${prefixOf(value, 32)})`),
  ipv4_is_match: matchV4,
  ipv4_compare: (call) => {
    const [one, other, given] = argumentsOf(call, 2, 3)
    const [left, right] = [one ? asText(one) : "''", other ? asText(other) : "''"]
    const prefix = `least(${[prefixOf(left, 32), prefixOf(right, 32), ...(given ? [given.sql] : [])].join(', ')})`
    return { sql: `toInt64(sign(${masked4(left, prefix)} - ${masked4(right, prefix)}))`, type: 'long' }
  },
  ipv4_is_in_range: fn('bool', 'ss', (value = '', range = '') => inRange(value, range)),
  ipv4_is_in_any_range: (call) => {
    const [value, ...ranges] = argumentsOf(call, 2, ARGUMENTS_MAX)
    const address = value ? asText(value) : "''"
    const conditions = ranges.map((range) =>
      range.type === 'dynamic'
        ? `arrayExists(block -> ifNull(${inRange('address', "JSONExtract(block, 'String')")}, false), ${elements(range.sql)})`
        : inRange('address', asText(range)),
    )
    return { sql: `arrayMap(address -> ${conditions.join(' OR ')}, [${address}])[1]`, type: 'bool' }
  },
  ipv4_is_private: fn(
    'bool',
    's',
    (value = '') => `(${PRIVATE.map((range) => inRange(value, `'${range}'`)).join(' OR ')})`,
  ),
  has_ipv4: fn(
    'bool',
    'ss',
    (value, address) =>
      `(match(${address}, '^${V4}$') AND match(${value}, concat('(?:^|[^0-9A-Za-z.])', regexpQuoteMeta(${address}), '(?:$|[^0-9A-Za-z.])')))`,
  ),
  has_any_ipv4: hasAnyV4,
  has_any_ipv4_prefix: (call) => {
    const [value, ...wanted] = argumentsOf(call, 2, ARGUMENTS_MAX)
    const prefixes = `arrayConcat(${wanted.map(listOf).join(', ')})`
    const isPrefix = `match(prefix, '^(?:[0-9]{1,3}[.]){1,3}$|^${V4}$')`
    const behind = "if(endsWith(prefix, '.'), '[0-9]', '(?:$|[^0-9A-Za-z])')"
    const found = `match(subject, concat('(?:^|[^0-9A-Za-z.])', regexpQuoteMeta(prefix), ${behind}))`
    return {
      sql: `arrayMap(subject -> arrayExists(prefix -> ${isPrefix} AND ${found}, ${prefixes}), [${value ? asText(value) : "''"}])[1]`,
      type: 'bool',
    }
  },
  has_ipv4_prefix: fn(
    'bool',
    'ss',
    (value, prefix) =>
      `match(${value}, concat('(?:^|[^0-9A-Za-z.])', regexpQuoteMeta(${prefix}), if(endsWith(${prefix}, '.'), '[0-9]', '(?:$|[^0-9A-Za-z])')))`,
  ),
  parse_ipv6: fn('string', 's', (value = '') => `ifNull(${expanded(value)}, '')`),
  ipv6_compare: (call) => {
    const [one, other, given] = argumentsOf(call, 2, 3)
    const [left, right] = [one ? asText(one) : "''", other ? asText(other) : "''"]
    const prefix = prefix6(left, right, given)
    const [first, second] = [bits6(left, prefix), bits6(right, prefix)]
    return { sql: `toInt64(if(${first} < ${second}, -1, if(${first} > ${second}, 1, 0)))`, type: 'long' }
  },
  ipv6_is_match: (call) => {
    const [one, other, given] = argumentsOf(call, 2, 3)
    const [left, right] = [one ? asText(one) : "''", other ? asText(other) : "''"]
    const prefix = prefix6(left, right, given)
    return { sql: `(${bits6(left, prefix)} = ${bits6(right, prefix)})`, type: 'bool' }
  },
  ipv6_is_in_range: fn(
    'bool',
    'ss',
    (value = '', range = '') => `(${bits6(value, length6(range))} = ${bits6(range, length6(range))})`,
  ),
  ipv6_is_in_any_range: (call) => {
    const [value, ...ranges] = argumentsOf(call, 2, ARGUMENTS_MAX)
    const within = `ifNull(${bits6('address', length6('block'))} = ${bits6('block', length6('block'))}, false)`
    return {
      sql: `arrayMap(address -> arrayExists(block -> ${within}, arrayConcat(${ranges.map(listOf).join(', ')})), [${value ? asText(value) : "''"}])[1]`,
      type: 'bool',
    }
  },
  parse_url: (call) => {
    const url = asText(at(argumentsOf(call, 1), 0))
    const member = (name: string, sql: string): string => `('${name}', ${sql})`
    const text = (name: string, group: number): string => member(name, jsonString(`part[${group}]`))
    const query =
      "arrayMap(pair -> (decodeURLComponent(splitByChar('=', pair)[1]), KEYS), arrayFilter(pair -> pair != '', splitByChar('&', part[7])))".replace(
        'KEYS',
        jsonString("decodeURLComponent(arrayStringConcat(arraySlice(splitByChar('=', pair), 2), '='))"),
      )
    const all = [
      text('Scheme', 1),
      text('Host', 4),
      text('Port', 5),
      text('Path', 6),
      text('Username', 2),
      text('Password', 3),
      member('Query Parameters', jsonObject(query)),
      text('Fragment', 8),
    ]
    const pattern =
      "'^(?:([a-zA-Z][a-zA-Z0-9+.-]*)://)?(?:([^:@/]*)(?::([^@/]*))?@)?([^:/?#]*)(?::([0-9]+))?/?([^?#]*)(?:[?]([^#]*))?(?:#(.*))?$'"
    return {
      sql: `arrayMap(part -> ${jsonObject(`[${all.join(', ')}]`)}, [extractGroups(${url}, ${pattern})])[1]`,
      type: 'dynamic',
    }
  },
  parse_urlquery: (call) => {
    const text = asText(at(argumentsOf(call, 1), 0))
    const pairs = `arrayMap(pair -> (decodeURLComponent(splitByChar('=', pair)[1]), ${jsonString("decodeURLComponent(arrayStringConcat(arraySlice(splitByChar('=', pair), 2), '='))")}), arrayFilter(pair -> pair != '', splitByChar('&', replaceRegexpOne(${text}, '^[?]', ''))))`
    return { sql: jsonObject(`[('Query Parameters', ${jsonObject(pairs)})]`), type: 'dynamic' }
  },
  parse_path: parsePath,
  // Four parts of eight digits: a decimal, for a real would lose the last ones.
  parse_version: fn('decimal', 's', (value) => {
    const digits = `arrayStringConcat(arrayMap(part -> leftPad(part, 8, '0'), arrayResize(splitByChar('.', ${value}), 4, '0')), '')`
    return `if(match(${value}, '^[0-9]{1,8}([.][0-9]{1,8}){0,3}$'), toDecimal128OrNull(${digits}, 0), NULL)`
  }),
}

/** `/a/b.txt` and `C:\\a\\b.txt` in their parts. */
function parsePath(call: Call): Scalar {
  const path = asText(at(argumentsOf(call, 1), 0))
  const file = "extract(path, '([^/\\\\\\\\:]*)(?::[^/\\\\\\\\]*)?$')"
  const directory =
    "replaceRegexpOne(replaceRegexpOne(path, '^[a-zA-Z][a-zA-Z0-9]+://', ''), '[/\\\\\\\\][^/\\\\\\\\]*$', '')"
  const members: readonly (readonly [string, string])[] = [
    ['Scheme', "extract(path, '^([a-zA-Z][a-zA-Z0-9]+)://')"],
    ['RootPath', "extract(path, '^(?:[a-zA-Z][a-zA-Z0-9]+://)?([a-zA-Z]:)')"],
    ['DirectoryPath', directory],
    ['DirectoryName', `extract(${directory}, '([^/\\\\\\\\]*)$')`],
    ['Filename', file],
    ['Extension', `extract(${file}, '[.]([^.]*)$')`],
    ['AlternateDataStreamName', "extract(path, '[/\\\\\\\\][^/\\\\\\\\]*:([^/\\\\\\\\:]+)$')"],
  ]
  const list = members.map(([name, sql]) => `('${name}', ${jsonString(sql)})`).join(', ')
  return { sql: `arrayMap(path -> ${jsonObject(`[${list}]`)}, [${path}])[1]`, type: 'dynamic' }
}

function inRange(address: string, range: string): string {
  const prefix = prefixOf(range, 32)
  return `(${masked4(address, prefix)} = ${masked4(range, prefix)})`
}

function matchV4(call: Call): Scalar {
  const [one, other, given] = argumentsOf(call, 2, 3)
  const [left, right] = [one ? asText(one) : "''", other ? asText(other) : "''"]
  const prefix = `least(${[prefixOf(left, 32), prefixOf(right, 32), ...(given ? [given.sql] : [])].join(', ')})`
  return { sql: `(${masked4(left, prefix)} = ${masked4(right, prefix)})`, type: 'bool' }
}

function formatV4(call: Call): Scalar {
  const [value, given] = argumentsOf(call, 1, 2)
  const text = value === undefined ? "''" : asText(value)
  const own = value?.type === 'string' ? prefixOf(text, 32) : '32'
  const prefix = given === undefined ? own : `least(${own}, ${given.sql})`
  const number = value !== undefined && value.type !== 'string' && value.type !== 'dynamic' ? value.sql : number4(text)
  const size = `toInt64(exp2(32 - ${prefix}))`
  return {
    sql: `ifNull(if(${prefix} < 0, '', IPv4NumToString(toUInt32(${number} - positiveModulo(${number}, ${size})))), '')`,
    type: 'string',
  }
}

/** A text, or an array of them, as an array of texts. */
function listOf(value: Scalar): string {
  return value.type === 'dynamic'
    ? `arrayMap(value -> JSONExtract(value, 'String'), ${elements(value.sql)})`
    : `[${asText(value)}]`
}

function hasAnyV4(call: Call): Scalar {
  const [value, ...wanted] = argumentsOf(call, 2, ARGUMENTS_MAX)
  const lists = wanted.map(listOf)
  return {
    sql: `hasAny(extractAll(${value ? asText(value) : "''"}, '${V4}'), arrayConcat(${lists.join(', ')}))`,
    type: 'bool',
  }
}

const six = (text: string): string =>
  `IPv6StringToNumOrNull(if(match(${addressOf(text)}, '^${V4}$'), concat('::ffff:', ${addressOf(text)}), ${addressOf(text)}))`
const length6 = (text: string): string =>
  `if(match(${addressOf(text)}, '^${V4}$'), 96 + ${prefixOf(text, 32)}, ${prefixOf(text, 128)})`

function bits6(text: string, prefix: string): string {
  return `substring(bin(${six(text)}), 1, toUInt64(${prefix}))`
}

function prefix6(left: string, right: string, given: Scalar | undefined): string {
  return `least(${[length6(left), length6(right), ...(given ? [given.sql] : [])].join(', ')})`
}

/** All eight groups with four digits each. */
function expanded(text: string): string {
  const start = `tupleElement(IPv6CIDRToRange(assumeNotNull(${six(text)}), toUInt8(${length6(text)})), 1)`
  const hexed = `if(${six(text)} IS NULL, NULL, lower(hex(${start})))`
  return `arrayStringConcat(arrayMap(place -> substring(${hexed}, place * 4 + 1, 4), range(8)), ':')`
}
