import { QueryMistake } from '../problem.ts'
import type { Scalar } from '../scalar/scalar.ts'
import { addressFunctions } from './address.ts'
import { aggregateFunctions } from './aggregate.ts'
import { calendarFunctions } from './calendar.ts'
import { conditionFunctions } from './condition.ts'
import { conversionFunctions } from './conversion.ts'
import { dynamicFunctions } from './dynamic.ts'
import type { Call, FunctionWriter } from './function.ts'
import { hashFunctions } from './hash.ts'
import { mathFunctions } from './math.ts'
import { seriesFunctions } from './series.ts'
import { textFunctions } from './text.ts'
import { timeFunctions } from './time.ts'
import { windowFunctions } from './window.ts'

/** Every scalar function that is known. Adding one is a line in its family. */
export const scalarFunctions: Readonly<Record<string, FunctionWriter>> = {
  ...textFunctions,
  ...conversionFunctions,
  ...conditionFunctions,
  ...timeFunctions,
  ...calendarFunctions,
  ...mathFunctions,
  ...dynamicFunctions,
  ...hashFunctions,
  ...addressFunctions,
  ...windowFunctions,
  ...seriesFunctions,
}

/** A call of a scalar function, or of an aggregate where rows are grouped. Throws `QueryMistake` for one that is not known here. */
export function callFunction(name: string, call: Call): Scalar {
  const write = Object.hasOwn(scalarFunctions, name) ? scalarFunctions[name] : undefined
  if (write) return write(call)
  const aggregate = Object.hasOwn(aggregateFunctions, name) ? aggregateFunctions[name] : undefined
  if (aggregate && call.scope.isGroup) return aggregate({ ...call, scope: { ...call.scope, isGroup: false } })
  if (aggregate) throw new QueryMistake('semantics', `${name}() counts over rows and belongs into summarize`, call.node)
  throw new QueryMistake('unsupported', `the function ${name}() is not supported here`, call.node)
}
