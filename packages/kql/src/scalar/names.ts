import { type SyntaxNode, tokensOf, partsOf, kindOf } from '../analyzer/kusto.ts'
import { QueryMistake } from '../problem.ts'

/** The name that a NameReference or NameDeclaration says. */
export function nameText(node: SyntaxNode): string {
  const direct = tokensOf(node)[0]?.Text
  if (direct !== undefined && direct !== '[') return direct
  const [inner] = partsOf(node)
  if (inner === undefined) return direct ?? ''
  // ['a name'] is a BracketedName around a literal.
  return typeof inner.LiteralValue === 'string' ? inner.LiteralValue : nameText(inner)
}

/** The two parts of a node that has two. */
export function operands(node: SyntaxNode): readonly [SyntaxNode, SyntaxNode] {
  const [left, right] = partsOf(node)
  if (left === undefined || right === undefined) throw new QueryMistake('syntax', 'something is missing here', node)
  return [left, right]
}

/** The one part of a node that has one. */
export function only(node: SyntaxNode): SyntaxNode {
  const [inner] = partsOf(node)
  if (inner === undefined) throw new QueryMistake('syntax', 'something is missing here', node)
  return inner
}

/** The arguments of a call, or the members of a list in parentheses. */
export function listed(node: SyntaxNode): SyntaxNode[] {
  return partsOf(node).flatMap((part) => (kindOf(part) === 'List' ? partsOf(part) : [part]))
}

/** The node inside of parentheses around it. */
export function unwrapped(node: SyntaxNode): SyntaxNode {
  let inner = node
  while (kindOf(inner) === 'ParenthesizedExpression') inner = only(inner)
  return inner
}

/** The text of a node, put together from its tokens. */
export function sourceText(node: SyntaxNode): string {
  if (node.IsToken) return node.Text ?? ''
  let text = ''
  for (let index = 0; index < node.ChildCount; index += 1) {
    const child = node.GetChild(index)
    if (child) text += `${sourceText(child)} `
  }
  return text
}
