import { QueryMistake } from '../problem.ts'
import type { Scalar } from '../scalar/scalar.ts'
import { aggregateFunctions } from './aggregate.ts'
import { conditionFunctions } from './condition.ts'
import { conversionFunctions } from './conversion.ts'
import type { Call, FunctionWriter } from './function.ts'
import { mathFunctions } from './math.ts'
import { textFunctions } from './text.ts'
import { timeFunctions } from './time.ts'

/** Every scalar function that is known. Adding one is a line in its family. */
export const scalarFunctions: Readonly<Record<string, FunctionWriter>> = {
  ...textFunctions,
  ...conversionFunctions,
  ...conditionFunctions,
  ...timeFunctions,
  ...mathFunctions,
}

/** A call of a scalar function, or of an aggregate where rows are grouped. Throws `QueryMistake` for one that is not known here. */
export function callFunction(name: string, call: Call): Scalar {
  const write = Object.hasOwn(scalarFunctions, name) ? scalarFunctions[name] : undefined
  if (write) return write(call)
  const aggregate = Object.hasOwn(aggregateFunctions, name) ? aggregateFunctions[name] : undefined
  if (aggregate && call.scope.isGroup) return aggregate(call)
  if (aggregate) throw new QueryMistake('semantics', `${name}() counts over rows and belongs into summarize`, call.node)
  throw new QueryMistake('unsupported', `the function ${name}() is not supported yet`, call.node)
}
