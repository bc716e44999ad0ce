import { aggregateFunctions } from './functions/aggregate.ts'
import { scalarFunctions } from './functions/functions.ts'

/** Names of all functions that are answered, for documents and tests: of values, and of groups of rows. */
export const knownFunctions: { readonly scalar: readonly string[]; readonly aggregate: readonly string[] } = {
  scalar: Object.keys(scalarFunctions).toSorted(),
  aggregate: [...Object.keys(aggregateFunctions), 'arg_max', 'arg_min', 'percentiles', 'percentilesw'].toSorted(),
}
