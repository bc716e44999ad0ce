import type { ColumnType } from '@tidemark/model'

import { convertedTo, wholeOf } from '../scalar/convert.ts'
import { asText, type Scalar } from '../scalar/scalar.ts'
import { argumentsOf, at, type FunctionWriter } from './function.ts'

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
  tohex: (call) => {
    const values = argumentsOf(call, 1, 2)
    const value = at(values, 0)
    const digits = values[1] === undefined ? '0' : wholeOf(values[1])
    // An int has four bytes, and a negative one shows all of them.
    const number = value.type === 'int' ? `toInt32(ifNull(${value.sql}, 0))` : `ifNull(${wholeOf(value)}, 0)`
    return {
      sql: `arrayMap(digits -> leftPad(if(digits = '', '0', digits), toUInt32(greatest(lengthUTF8(digits), ${digits})), '0'), [replaceRegexpOne(lower(hex(${number})), '^0+', '')])[1]`,
      type: 'string',
    }
  },
  parse_json: dynamic,
  todynamic: dynamic,
  toobject: dynamic,
  parsejson: dynamic,
}
