import type { ColumnType } from '@tidemark/model'

import { kindOf, partsOf, type SyntaxNode } from '../analyzer/kusto.ts'
import { typeNamed } from '../column-types.ts'
import { constantText } from '../functions/function.ts'
import { QueryMistake } from '../problem.ts'
import { rowScope } from '../rows.ts'
import { convertedTo, jsonObject, jsonOf } from '../scalar/convert.ts'
import { expression } from '../scalar/expression.ts'
import { listed, nameText, sourceText } from '../scalar/names.ts'
import { asText } from '../scalar/scalar.ts'
import type { Relation, RelationColumn, Scope } from '../scope.ts'
import { namesIn } from './columns.ts'

type Plugin = (call: SyntaxNode, input: Relation, scope: Scope) => Relation

/** Plugins that are known. Their columns' names may be in the data: those stand in one hidden column. */
const plugins: Readonly<Record<string, Plugin>> = { pivot, bag_unpack: unpack, narrow }

/** `evaluate plugin(…)`, with the names and types of its columns behind a colon where they are said. */
export function evaluate(node: SyntaxNode, input: Relation, scope: Scope): Relation {
  const call = partsOf(node).find((part) => kindOf(part) === 'FunctionCallExpression')
  const [callee] = call ? partsOf(call) : []
  const name = callee ? nameText(callee) : ''
  const plugin = Object.hasOwn(plugins, name) ? plugins[name] : undefined
  if (plugin === undefined || call === undefined || input.partition)
    throw new QueryMistake('unsupported', `the plugin "${name}" is not supported here`, callee ?? node)
  const result = plugin(call, input, scope)
  const schema = partsOf(node).find((part) => kindOf(part) === 'EvaluateSchemaClause')
  return schema ? closed(schema, result, scope) : result
}

function argumentNodes(call: SyntaxNode): SyntaxNode[] {
  const [, list] = partsOf(call)
  return list ? listed(list) : []
}

/** `bag_unpack(Bag, prefix)`: a column for each key of the bags. */
function unpack(call: SyntaxNode, input: Relation, scope: Scope): Relation {
  const [bagNode, prefixNode] = argumentNodes(call)
  if (bagNode === undefined) throw new QueryMistake('semantics', 'a column of bags is needed here', call)
  const row = rowScope(scope, input)
  const bag = expression(bagNode, row)
  const prefix = prefixNode ? (constantText(expression(prefixNode, row), prefixNode) ?? '') : ''
  const alias = row.rows.below(`if(startsWith(${jsonOf(bag)}, '{'), ${jsonOf(bag)}, '{}')`)
  const { relation } = row.rows
  return { ...relation, columns: input.columns.filter((column) => column.alias !== bag.sql), open: { alias, prefix } }
}

/** `pivot(Column, aggregate, Kept, …)`: a column for each value of a column. */
function pivot(call: SyntaxNode, input: Relation, scope: Scope): Relation {
  const [columnNode, aggregateNode, ...keptNodes] = argumentNodes(call)
  if (columnNode === undefined) throw new QueryMistake('semantics', 'a column is needed here', call)
  const row = rowScope(scope, input)
  const column = expression(columnNode, row)
  const aggregate = aggregateNode
    ? expression(aggregateNode, { ...row, isGroup: true })
    : { sql: 'toInt64(count())', type: 'long' as const }
  const used = new Set(aggregateNode ? namesIn(aggregateNode).map(({ name }) => name) : [])
  const kept =
    keptNodes.length > 0
      ? keptNodes.map((node) => ({ name: nameText(node), value: expression(node, row) }))
      : input.columns
          .filter(({ name }) => name !== column.name && !used.has(name))
          .map(({ name, type, alias }) => ({ name, value: { sql: alias, type } }))
  const columns = kept.map(({ name, value }): RelationColumn => ({
    name,
    type: value.type,
    alias: scope.writer.alias(),
  }))
  const [key, value, open] = [scope.writer.alias(), scope.writer.alias(), scope.writer.alias()]
  const groups = columns.map(({ alias }) => alias)
  const inner = `SELECT ${[...kept.map((one, index) => `${one.value.sql} AS ${groups[index]}`), `${asText(column)} AS ${key}`, `${jsonOf(aggregate)} AS ${value}`].join(', ')} FROM (${row.rows.relation.sql}) GROUP BY ${[...groups, key].join(', ')}`
  // Every row has every column: a value that it lacks is empty.
  const own = `groupArray((${key}, ${value}))`
  const sql = `SELECT ${[...groups, `${jsonObject(`arraySort(pair -> pair.1, ${own})`)} AS ${open}`].join(', ')} FROM (${inner})${groups.length > 0 ? ` GROUP BY ${groups.join(', ')}` : ''}`
  return { sql, columns, order: [], open: { alias: open, prefix: '', type: aggregate.type } }
}

/** `narrow()`: a row for each cell. */
function narrow(_call: SyntaxNode, input: Relation, scope: Scope): Relation {
  const columns: RelationColumn[] = [
    { name: 'Row', type: 'long', alias: scope.writer.alias() },
    { name: 'Column', type: 'string', alias: scope.writer.alias() },
    { name: 'Value', type: 'string', alias: scope.writer.alias() },
  ]
  const row = rowScope(scope, input)
  const position = row.rows.position()
  const [number, name, value] = columns.map(({ alias }) => alias)
  const cells = input.columns.map(
    (column) => `(${scope.writer.text(column.name)}, ${asText({ sql: column.alias, type: column.type })})`,
  )
  const cell = scope.writer.alias()
  const place = scope.writer.alias()
  return {
    sql: `SELECT toInt64(${position}) - 1 AS ${number}, ${cell}.1 AS ${name}, ${cell}.2 AS ${value}, ${place} FROM (${row.rows.relation.sql}) ARRAY JOIN [${cells.join(', ')}] AS ${cell}, range(${cells.length}) AS ${place}`,
    columns,
    order: [
      { alias: number ?? '', direction: 'ASC' },
      { alias: place, direction: 'ASC' },
    ],
  }
}

/** `evaluate plugin(…) : (a: long, *)`: the columns that are said, out of those that only the data knows. */
function closed(schema: SyntaxNode, input: Relation, scope: Scope): Relation {
  const declared = allBelow(schema).filter((part) => kindOf(part) === 'NameAndTypeDeclaration')
  const isOpen = sourceText(schema).includes('*')
  const row = rowScope(scope, input)
  const made = declared.map((part): { column: RelationColumn; sql: string | undefined } => {
    const [declaration, type] = partsOf(part)
    const name = declaration ? nameText(declaration) : ''
    const wanted: ColumnType = (type && typeNamed(sourceText(type).trim())) ?? 'string'
    const known = input.columns.find((column) => column.name === name)
    if (known) return { column: known, sql: undefined }
    const { open } = input
    const value =
      open === undefined ? "''" : `JSONExtractRaw(${open.alias}, ${scope.writer.text(name.slice(open.prefix.length))})`
    return {
      column: { name, type: wanted, alias: scope.writer.alias() },
      sql: convertedTo({ sql: value, type: 'dynamic' }, wanted).sql,
    }
  })
  const written = made.flatMap(({ column, sql }) => (sql === undefined ? [] : [`${sql} AS ${column.alias}`]))
  const { open, ...relation } = row.rows.relation
  void open
  const names = new Set(made.map(({ column }) => column.name))
  const others = isOpen ? input.columns.filter(({ name }) => !names.has(name)) : []
  return {
    ...relation,
    sql: written.length === 0 ? relation.sql : `SELECT *, ${written.join(', ')} FROM (${relation.sql})`,
    columns: [...others, ...made.map(({ column }) => column)],
  }
}

function allBelow(node: SyntaxNode): SyntaxNode[] {
  return partsOf(node).flatMap((part) => [part, ...allBelow(part)])
}
