import { asText, isTextLike, type Scalar, ticksOf, TICKS_TO_1970 } from '../scalar/scalar.ts'
import { argumentsOf, at, type Call, fn, type FunctionWriter } from './function.ts'

/** Functions that make a short value of a long one. */
export const hashFunctions: Readonly<Record<string, FunctionWriter>> = {
  hash_sha256: fn('string', 's', (value) => `lower(hex(SHA256(${value})))`),
  hash_sha1: fn('string', 's', (value) => `lower(hex(SHA1(${value})))`),
  hash_md5: fn('string', 's', (value) => `lower(hex(MD5(${value})))`),
  hash: xxHash,
  hash_xxhash64: xxHash,
  new_guid: (call) => {
    argumentsOf(call, 0)
    return { sql: 'toString(generateUUIDv4())', type: 'guid' }
  },
}

/** Kusto hashes a text's bytes and a number's eight bytes; with a second argument the rest of a division by it. */
function xxHash(call: Call): Scalar {
  const values = argumentsOf(call, 1, 2)
  const hash = `reinterpretAsInt64(xxHash64(${bytesOf(at(values, 0))}))`
  const modulus = values[1]
  return { sql: modulus === undefined ? hash : `positiveModulo(${hash}, nullIf(${modulus.sql}, 0))`, type: 'long' }
}

function bytesOf(value: Scalar): string {
  if (isTextLike(value.type)) return asText(value)
  if (value.type === 'datetime') return `reinterpretAsString(ifNull(${ticksOf(value.sql)} + ${TICKS_TO_1970}, 0))`
  return `ifNull(reinterpretAsString(${value.type === 'bool' ? `toUInt8(${value.sql})` : value.sql}), '')`
}
