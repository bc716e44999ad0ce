import { kindOf, partsOf, type SyntaxNode } from '../analyzer/kusto.ts'
import { typeNamed } from '../column-types.ts'
import { QueryMistake } from '../problem.ts'
import { rowScope } from '../rows.ts'
import { convertedTo } from '../scalar/convert.ts'
import { expression } from '../scalar/expression.ts'
import { listed, nameText, sourceText } from '../scalar/names.ts'
import { asText } from '../scalar/scalar.ts'
import { quoteMeta } from '../scalar/terms.ts'
import type { Relation, Scope } from '../scope.ts'
import { listedParts, parameterOf } from './columns.ts'
import { replaced } from './parse.ts'

/** `parse-kv Text as (a: long) with (pair_delimiter = ",", kv_delimiter = "=")`. */
export function parseKeyValues(node: SyntaxNode, input: Relation, scope: Scope): Relation {
  const [source, schema] = listedParts(node)
  const clause = partsOf(node).find((part) => kindOf(part) === 'ParseKvWithClause')
  if (source === undefined || schema === undefined)
    throw new QueryMistake('syntax', 'a text and columns are needed here', node)
  if (clause && (parameterOf(clause, 'regex') ?? parameterOf(clause, 'greedy')) !== undefined)
    throw new QueryMistake('unsupported', 'parse-kv by regular expression is not supported here', clause)
  if (
    clause === undefined ||
    parameterOf(clause, 'pair_delimiter') === undefined ||
    parameterOf(clause, 'escape') !== undefined
  )
    throw new QueryMistake('unsupported', 'parse-kv needs a pair_delimiter here, and has no escapes', clause ?? node)
  const pairEnd = parameterOf(clause, 'pair_delimiter') ?? ' '
  const valueStart = parameterOf(clause, 'kv_delimiter') ?? '='
  const quote = parameterOf(clause, 'quote')
  const [open, close] = quote === undefined ? ['', ''] : [quoteMeta(quote.slice(0, 1)), quoteMeta(quote.slice(-1))]
  const row = rowScope(scope, input)
  const text = asText(expression(source, row))
  const plain = `((?:.*?))(?:${quoteMeta(pairEnd)}|$)`
  const made = listed(schema)
    .filter((part) => kindOf(part) === 'NameAndTypeDeclaration')
    .map((part) => {
      const [declaration, type] = partsOf(part)
      const name = declaration ? nameText(declaration) : ''
      const columnType = (type && typeNamed(sourceText(type).trim())) ?? 'string'
      const quotedValue = quote === undefined ? '' : `${open}([^${close}]*)${close}|`
      const key = quote === undefined ? quoteMeta(name) : `(?:${open})?${quoteMeta(name)}(?:${close})?`
      const pattern = scope.writer.text(
        `(?s)(?:^|${quoteMeta(pairEnd)})\\s*${key}\\s*${quoteMeta(valueStart)}\\s*(?:${quotedValue}${plain})`,
      )
      const value = `arrayStringConcat(extractGroups(${text}, ${pattern}), '')`
      return {
        column: { name, type: columnType, alias: scope.writer.alias() },
        sql: convertedTo({ sql: value, type: 'string' }, columnType).sql,
      }
    })
  const { relation } = row.rows
  return {
    ...relation,
    sql: `SELECT ${['*', ...made.map(({ sql, column }) => `${sql} AS ${column.alias}`)].join(', ')} FROM (${relation.sql})`,
    columns: replaced(
      input.columns,
      made.map(({ column }) => column),
    ),
  }
}
