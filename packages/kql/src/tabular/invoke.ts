import { partsOf, type SyntaxNode } from '../analyzer/kusto.ts'
import { ownFunctionTable } from '../own-function.ts'
import { QueryMistake } from '../problem.ts'
import { nameText, only } from '../scalar/names.ts'
import type { Relation, Scope } from '../scope.ts'

/** `T | invoke f(…)`: f(T, …). */
export function invoke(node: SyntaxNode, input: Relation, scope: Scope): Relation {
  const call = only(node)
  const [callee] = partsOf(call)
  const own = callee ? scope.functions.get(nameText(callee)) : undefined
  if (own === undefined)
    throw new QueryMistake('unsupported', 'only functions of the query itself can be invoked', call)
  return ownFunctionTable(call, own, { scope, first: input })
}
