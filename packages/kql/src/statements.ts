import { isTable, kindOf, partsOf, type SyntaxNode } from './analyzer/kusto.ts'
import { QueryMistake } from './problem.ts'
import { nameText } from './scalar/names.ts'
import type { Scalar } from './scalar/scalar.ts'
import type { OwnFunction, Relation, Scope } from './scope.ts'

/** Where `let` puts what it names. */
export interface Named {
  readonly scope: Scope
  readonly scalars: Map<string, Scalar>
  readonly relations: Map<string, () => Relation>
  readonly functions: Map<string, OwnFunction>
}

/** `let name = …`: a value, a table or a function. It sees what was named before it, and not what is named like it later. */
export function keepLet(statement: SyntaxNode, into: Named): void {
  const [declaration, value] = partsOf(statement)
  if (kindOf(statement) !== 'LetStatement' || declaration === undefined || value === undefined)
    throw new QueryMistake('unsupported', 'only let may stand here', statement)
  const name = nameText(declaration)
  const seen: Scope = {
    ...into.scope,
    scalars: new Map(into.scalars),
    relations: new Map(into.relations),
    functions: new Map(into.functions),
  }
  into.scalars.delete(name)
  into.relations.delete(name)
  into.functions.delete(name)
  if (kindOf(value) === 'FunctionDeclaration') into.functions.set(name, { declaration: value, scope: seen })
  else if (isTable(value)) into.relations.set(name, () => into.scope.relation(value, seen))
  else into.scalars.set(name, seen.value(value, seen))
}
