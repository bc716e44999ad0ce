import { asText, type Scalar } from '../scalar/scalar.ts'
import { argumentsOf, at, type Call, type FunctionWriter } from './function.ts'

const text = (sql: string): Scalar => ({ sql, type: 'string' })
const ofOne =
  (write: (argument: string) => string): FunctionWriter =>
  (call) =>
    text(write(asText(at(argumentsOf(call, 1), 0))))

/** Functions on text. */
export const textFunctions: Readonly<Record<string, FunctionWriter>> = {
  tolower: ofOne((argument) => `lowerUTF8(${argument})`),
  toupper: ofOne((argument) => `upperUTF8(${argument})`),
  reverse: ofOne((argument) => `reverseUTF8(${argument})`),
  strlen: (call) => ({ sql: `toInt64(lengthUTF8(${asText(at(argumentsOf(call, 1), 0))}))`, type: 'long' }),
  strcat: (call) => text(`concat(${["''", ...argumentsOf(call, 1, 64).map(asText)].join(', ')})`),
  strcat_delim: (call) => {
    const [delimiter = '', ...rest] = argumentsOf(call, 2, 64).map(asText)
    return text(`arrayStringConcat([${rest.join(', ')}], ${delimiter})`)
  },
  substring: (call) => {
    const values = argumentsOf(call, 2, 3)
    const start = `ifNull(${at(values, 1).sql}, 0) + 1`
    const length = values[2] === undefined ? '' : `, toUInt64(greatest(0, ifNull(${values[2].sql}, 0)))`
    return text(`substringUTF8(${asText(at(values, 0))}, ${start}${length})`)
  },
  replace_string: (call) => {
    const [subject = '', from = '', to = ''] = argumentsOf(call, 3).map(asText)
    return text(`if(${from} = '', ${subject}, replaceAll(${subject}, ${from}, ${to}))`)
  },
  replace_regex: (call) => {
    const [subject = '', pattern = '', to = ''] = argumentsOf(call, 3).map(asText)
    return text(`replaceRegexpAll(${subject}, ${pattern}, ${to})`)
  },
  trim: (call) => {
    const [pattern = '', subject = ''] = argumentsOf(call, 2).map(asText)
    return text(
      `replaceRegexpOne(replaceRegexpOne(${subject}, concat('^(?:', ${pattern}, ')+'), ''), concat('(?:', ${pattern}, ')+$'), '')`,
    )
  },
  trim_start: (call) => {
    const [pattern = '', subject = ''] = argumentsOf(call, 2).map(asText)
    return text(`replaceRegexpOne(${subject}, concat('^(?:', ${pattern}, ')+'), '')`)
  },
  trim_end: (call) => {
    const [pattern = '', subject = ''] = argumentsOf(call, 2).map(asText)
    return text(`replaceRegexpOne(${subject}, concat('(?:', ${pattern}, ')+$'), '')`)
  },
  indexof: (call) => {
    const [subject = '', needle = ''] = argumentsOf(call, 2).map(asText)
    return { sql: `(toInt64(positionUTF8(${subject}, ${needle})) - 1)`, type: 'long' }
  },
  countof: (call) => {
    const [subject = '', needle = ''] = argumentsOf(call, 2).map(asText)
    return { sql: `toInt64(countSubstrings(${subject}, ${needle}))`, type: 'long' }
  },
  extract: extract,
  split: (call) => {
    const [subject = '', delimiter = ''] = argumentsOf(call, 2).map(asText)
    return { sql: `toJSONString(splitByString(${delimiter}, ${subject}))`, type: 'dynamic' }
  },
  hash_sha256: ofOne((argument) => `lower(hex(SHA256(${argument})))`),
  hash_md5: ofOne((argument) => `lower(hex(MD5(${argument})))`),
  base64_encode_tostring: ofOne((argument) => `base64Encode(${argument})`),
  base64_decode_tostring: ofOne((argument) => `tryBase64Decode(${argument})`),
}

/** The group of the first match; empty where nothing matches. */
function extract(call: Call): Scalar {
  const values = argumentsOf(call, 3)
  const [pattern, group, subject] = [asText(at(values, 0)), at(values, 1).sql, asText(at(values, 2))]
  // The pattern is put into a group of its own, so that group 0 is the whole match.
  return text(`arrayElement(extractGroups(${subject}, concat('(', ${pattern}, ')')), toInt64(${group}) + 1)`)
}
