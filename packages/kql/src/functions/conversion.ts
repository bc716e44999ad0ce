import type { ColumnType } from '@tidemark/model'

import { convertedTo } from '../scalar/convert.ts'
import { asText, type Scalar } from '../scalar/scalar.ts'
import { argumentsOf, at, fn, type FunctionWriter } from './function.ts'

const to =
  (type: ColumnType): FunctionWriter =>
  (call) =>
    convertedTo(at(argumentsOf(call, 1), 0), type)

/** A text may say JSON; what does not is a JSON string. */
const dynamic: FunctionWriter = (call): Scalar => {
  const value = at(argumentsOf(call, 1), 0)
  if (value.type !== 'string') return convertedTo(value, 'dynamic')
  const json = "multiIf(empty(json), '', isValidJSON(json), json, toJSONString(json))"
  return { sql: `arrayMap(json -> ${json}, [${asText(value)}])[1]`, type: 'dynamic' }
}

/** Conversions. What cannot be converted is null. */
export const conversionFunctions: Readonly<Record<string, FunctionWriter>> = {
  tostring: to('string'),
  tolong: to('long'),
  toint: to('int'),
  todouble: to('real'),
  toreal: to('real'),
  todecimal: to('real'),
  tobool: to('bool'),
  toboolean: to('bool'),
  todatetime: to('datetime'),
  totimespan: to('timespan'),
  toguid: to('guid'),
  tohex: fn(
    'string',
    'i?i',
    (value, digits = '0') =>
      `arrayMap(digits -> leftPad(if(digits = '', '0', digits), toUInt32(greatest(lengthUTF8(digits), ${digits})), '0'), [replaceRegexpOne(lower(hex(ifNull(${value}, 0))), '^0+', '')])[1]`,
  ),
  parse_json: dynamic,
  todynamic: dynamic,
  toobject: dynamic,
  parsejson: dynamic,
}
