import type { ColumnType } from '@tidemark/model'

import { kindOf, partsOf, type SyntaxNode } from '../analyzer/kusto.ts'
import { typeNamed } from '../column-types.ts'
import { QueryMistake } from '../problem.ts'
import { rowScope } from '../rows.ts'
import { convertedTo, nullOf } from '../scalar/convert.ts'
import { expression } from '../scalar/expression.ts'
import { nameText, sourceText } from '../scalar/names.ts'
import { asText, isTextLike } from '../scalar/scalar.ts'
import { quoteMeta } from '../scalar/terms.ts'
import type { Relation, RelationColumn, Scope } from '../scope.ts'
import { listedParts, parameterOf } from './columns.ts'

type Piece =
  | { readonly kind: 'star' }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'column'; readonly name: string; readonly type: ColumnType }

/** `parse` and `parse-where`: columns out of a text by a pattern. */
export function parse(node: SyntaxNode, input: Relation, scope: Scope): Relation {
  const [source, ...rest] = listedParts(node)
  if (source === undefined) throw new QueryMistake('syntax', 'what to parse is missing here', node)
  const mode = parameterOf(node, 'kind')?.toLowerCase() ?? 'simple'
  const flags = (parameterOf(node, 'flags') ?? '').replaceAll(/[^imsU]/g, '')
  const pieces = rest.flatMap(pieceOf)
  const columns = pieces.filter((piece) => piece.kind === 'column')
  const pattern = scope.writer.text(patternOf(pieces, { isRegex: mode === 'regex', flags }))
  const row = rowScope(scope, input)
  const text = asText(expression(source, row))
  // Groups of the regular expressions' own are counted too, so ours are found by their place among all.
  const places = groupPlaces(pieces, mode === 'regex')
  const groups = row.rows.below(`extractGroups(${text}, ${pattern})`)
  const found = row.rows.below(`(length(${groups}) > 0 OR match(${text}, ${pattern}))`)
  const values = columns.map(
    ({ type }, index) => convertedTo({ sql: `${groups}[${places[index] ?? 1}]`, type: 'string' }, type).sql,
  )
  // All or nothing, unless it is relaxed: a value that has not its type spoils the row.
  const isWhole =
    mode === 'relaxed'
      ? found
      : row.rows.below(
          [
            found,
            ...columns.flatMap(({ type }, index) => (isTextLike(type) ? [] : [`(${values[index]} IS NOT NULL)`])),
          ].join(' AND '),
        )
  const made = columns.map(({ name, type }, index) => ({
    column: { name, type, alias: scope.writer.alias() },
    sql: `if(${isWhole}, ${values[index]}, ${nullOf(type)})`,
  }))
  const { relation } = row.rows
  const filter = kindOf(node) === 'ParseWhereOperator' ? ` WHERE ${isWhole}` : ''
  return {
    ...relation,
    sql: `SELECT ${['*', ...made.map(({ sql, column }) => `${sql} AS ${column.alias}`)].join(', ')} FROM (${relation.sql})${filter}`,
    columns: replaced(
      input.columns,
      made.map(({ column }) => column),
    ),
  }
}

/** Columns with some of them replaced by others of their name, and the new ones behind. */
export function replaced(columns: readonly RelationColumn[], made: readonly RelationColumn[]): RelationColumn[] {
  const byName = new Map(made.map((column) => [column.name, column]))
  const present = new Set(columns.map(({ name }) => name))
  return [
    ...columns.map((column) => byName.get(column.name) ?? column),
    ...[...byName.values()].filter(({ name }) => !present.has(name)),
  ]
}

function pieceOf(node: SyntaxNode): Piece[] {
  switch (kindOf(node)) {
    case 'StarExpression':
      return [{ kind: 'star' }]
    case 'StringLiteralExpression':
    case 'CompoundStringLiteralExpression':
      return [{ kind: 'text', text: String(node.LiteralValue) }]
    case 'NameAndTypeDeclaration': {
      const [name, type] = partsOf(node)
      return [
        {
          kind: 'column',
          name: name ? nameText(name) : '',
          type: (type && typeNamed(sourceText(type).trim())) ?? 'string',
        },
      ]
    }
    case 'NameDeclaration':
    case 'NameReference':
      return [{ kind: 'column', name: nameText(node), type: 'string' }]
    default:
      throw new QueryMistake('unsupported', 'a pattern has *, texts and columns', node)
  }
}

/** What a column of this type looks like where nothing behind it says where it ends. */
const SHAPES: Readonly<Partial<Record<ColumnType, string>>> = {
  long: '\\s*([-+]?\\d+)',
  int: '\\s*([-+]?\\d+)',
  real: '\\s*([-+]?\\d*\\.?\\d+(?:[eE][-+]?\\d+)?)',
  decimal: '\\s*([-+]?\\d*\\.?\\d+(?:[eE][-+]?\\d+)?)',
  bool: '\\s*([Tt]rue|[Ff]alse|[01])',
  guid: '\\s*([0-9a-fA-F-]{32,36})',
}

function patternOf(
  pieces: readonly Piece[],
  { isRegex, flags }: { readonly isRegex: boolean; readonly flags: string },
): string {
  let pattern = isRegex ? (flags === '' ? '^' : `(?${flags})^`) : '(?s)^'
  for (const [index, piece] of pieces.entries()) {
    const next = pieces[index + 1]
    const shape = piece.kind === 'column' ? SHAPES[piece.type] : undefined
    if (piece.kind === 'text') pattern += isRegex ? `(?:${piece.text})` : quoteMeta(piece.text)
    else if (piece.kind === 'star') pattern += next === undefined ? '' : '.*?'
    else if (shape !== undefined && (isRegex || next?.kind === 'star')) pattern += shape
    // A pattern of the query's own takes as much as it can, unless the flag U turns that round.
    else pattern += isRegex || next === undefined ? '(.*)' : '(.*?)'
  }
  return pattern
}

function groupPlaces(pieces: readonly Piece[], isRegex: boolean): number[] {
  let count = 0
  const places: number[] = []
  for (const piece of pieces) {
    if (piece.kind === 'column') places.push((count += 1))
    if (piece.kind === 'text' && isRegex)
      count += [...piece.text.replaceAll(/\\./g, '').matchAll(/\((?!\?)|\(\?P?<[A-Za-z]/g)].length
  }
  return places
}
