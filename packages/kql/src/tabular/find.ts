import type { SyntaxNode } from '../analyzer/kusto.ts'
import { QueryMistake } from '../problem.ts'
import type { Relation, Scope } from '../scope.ts'

/** `find`: search says the same in fewer words. */
export function find(node: SyntaxNode, _scope: Scope): Relation {
  throw new QueryMistake(
    'unsupported',
    'find is not supported here; write search in (Table) … or union with where',
    node,
  )
}
