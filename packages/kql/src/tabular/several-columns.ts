import { kindOf, partsOf, type SyntaxNode } from '../analyzer/kusto.ts'
import { severalFunctions } from '../functions/several.ts'
import { QueryMistake } from '../problem.ts'
import { elements, jsonOf } from '../scalar/convert.ts'
import { expression } from '../scalar/expression.ts'
import { listed, nameText } from '../scalar/names.ts'
import type { Scalar } from '../scalar/scalar.ts'
import type { Scope } from '../scope.ts'
import { itemOf } from './columns.ts'

/** What one item of `extend`, `project` or `print` gives where it gives several columns. */
export interface Several {
  /** The names that the query gives, which may be fewer than the values. */
  readonly names: readonly string[]
  readonly values: readonly Scalar[]
}

/** `series_fit_line(y)` and `(a, b) = …`; `undefined` for an item of one column. */
export function severalOf(part: SyntaxNode, row: Scope): Several | undefined {
  const isCompound = kindOf(part) === 'CompoundNamedExpression'
  const [list, given] = isCompound ? partsOf(part) : []
  const node = given ?? itemOf(part).value
  const [callee, args] = kindOf(node) === 'FunctionCallExpression' ? partsOf(node) : []
  const name = callee ? nameText(callee) : ''
  const write = Object.hasOwn(severalFunctions, name) ? severalFunctions[name] : undefined
  if (!isCompound && (write === undefined || itemOf(part).name !== undefined)) return undefined
  const names = list ? listed(list).map(nameText) : []
  if (write && args) {
    const argumentNodes = listed(args)
    const calls = argumentNodes.map((one) => () => expression(one, row))
    return { names, values: write({ node, scope: row, argumentNodes, args: calls }) }
  }
  const value = expression(node, row)
  if (value.type !== 'dynamic')
    throw new QueryMistake('semantics', 'only what gives several values can be given several names', part)
  const parts = elements(jsonOf(value))
  return { names, values: names.map((_, index) => ({ sql: `arrayElement(${parts}, ${index + 1})`, type: 'dynamic' })) }
}
