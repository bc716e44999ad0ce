import { kindOf, partsOf, type SyntaxNode } from '../analyzer/kusto.ts'
import { QueryMistake } from '../problem.ts'
import { rowScope } from '../rows.ts'
import { expression } from '../scalar/expression.ts'
import { listed, nameText, operands, unwrapped } from '../scalar/names.ts'
import { asText, type Scalar } from '../scalar/scalar.ts'
import { quoteMeta } from '../scalar/terms.ts'
import type { Relation, Scope } from '../scope.ts'
import { listedParts, parameterOf, resultColumns } from './columns.ts'
import { type Leg, tablesLike, together } from './union.ts'

/** `search`: rows in which a text stands in any column. */
export function search(node: SyntaxNode, input: Relation | undefined, scope: Scope): Relation {
  const within = listedParts(node).find((part) => kindOf(part) === 'FindInClause')
  const predicate = listedParts(node).find((part) => part !== within && kindOf(part) !== 'FindInClause')
  if (predicate === undefined) throw new QueryMistake('syntax', 'what to search for is missing here', node)
  const legs: Leg[] = input
    ? [{ relation: input, source: 'search_arg0' }]
    : within
      ? tablesIn(within, scope)
      : tablesLike('*', scope)
  const all = together(legs, { columns: resultColumns(node), source: '$table', scope })
  const row = rowScope(scope, all)
  const isCased = parameterOf(node, 'kind')?.toLowerCase() === 'case_sensitive'
  const sql = condition(predicate, { scope: row, isCased })
  return { ...all, sql: `SELECT * FROM (${row.rows.relation.sql}) WHERE ${sql}` }
}

/** The tables of `in (…)`, with their names. */
export function tablesIn(clause: SyntaxNode, scope: Scope): Leg[] {
  return listed(clause).flatMap((part): Leg[] => {
    const node = unwrapped(part)
    const [name] = kindOf(node) === 'NameReference' ? partsOf(node) : []
    if (name && kindOf(name) === 'WildcardedName') return tablesLike(nameText(name), scope)
    return [
      {
        relation: scope.relation(node, scope),
        source: kindOf(node) === 'NameReference' ? nameText(node) : 'search_arg0',
      },
    ]
  })
}

interface Searched {
  readonly scope: Scope
  readonly isCased: boolean
}

/** A condition of `search` or `find`, in which a text alone is looked for in all columns. */
export function condition(node: SyntaxNode, searched: Searched): string {
  const { scope, isCased } = searched
  switch (kindOf(node)) {
    case 'ParenthesizedExpression':
      return condition(partsOf(node)[0] ?? node, searched)
    case 'AndExpression':
      return `(${partsOf(node)
        .map((part) => condition(part, searched))
        .join(' AND ')})`
    case 'OrExpression':
      return `(${partsOf(node)
        .map((part) => condition(part, searched))
        .join(' OR ')})`
    case 'StarExpression':
      return 'true'
    case 'StringLiteralExpression': {
      const columns = [...scope.columns.entries()].filter(([name]) => name !== '$table').map(([, value]) => value)
      return inAny(columns, String(node.LiteralValue), searched)
    }
    case 'SearchExpression': {
      const [column, value] = operands(node)
      const wanted = expression(value, scope)
      const columns = kindOf(column) === 'StarExpression' ? [...scope.columns.values()] : [expression(column, scope)]
      return inAny(columns, typeof wanted.constant === 'string' ? wanted.constant : String(wanted.constant), {
        scope,
        isCased,
      })
    }
    case 'FunctionCallExpression': {
      const [callee, list] = partsOf(node)
      const [only] = list ? listed(list) : []
      if (callee && only && nameText(callee) === 'not') return `NOT ${condition(only, searched)}`
      return expression(node, scope).sql
    }
    default:
      return expression(node, scope).sql
  }
}

/** A term, or with `*` at an end the begin or end of one; `*` alone is everything. */
function inAny(columns: readonly Scalar[], wanted: string, { scope, isCased }: Searched): string {
  const core = wanted.replace(/^\*/, '').replace(/\*$/, '')
  if (core === '') return 'true'
  const isTerm = (end: string): boolean => /[\p{L}\p{N}]/u.test(end)
  const before = !wanted.startsWith('*') && isTerm(core.slice(0, 1)) ? '(?:^|[^\\p{L}\\p{N}])' : ''
  const behind = !wanted.endsWith('*') && isTerm(core.slice(-1)) ? '(?:$|[^\\p{L}\\p{N}])' : ''
  const inner = core.split('*').map(quoteMeta).join('.*')
  const pattern = scope.writer.text(`${isCased ? '(?s)' : '(?is)'}${before}${inner}${behind}`)
  return `(${columns.map((column) => `match(${asText(column)}, ${pattern})`).join(' OR ') || 'false'})`
}
