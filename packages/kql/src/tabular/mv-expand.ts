import type { ColumnType } from '@tidemark/model'

import { kindOf, partsOf, type SyntaxNode } from '../analyzer/kusto.ts'
import { typeNamed } from '../column-types.ts'
import { QueryMistake } from '../problem.ts'
import { rowScope } from '../rows.ts'
import { convertedTo, jsonOf, jsonString } from '../scalar/convert.ts'
import { expression } from '../scalar/expression.ts'
import { nameText, only, sourceText } from '../scalar/names.ts'
import { hiddenColumns, orderSql, type Relation, type RelationColumn, type Scope } from '../scope.ts'
import { itemOf, parameterOf, namesIn, resultColumns, uniqueAliases } from './columns.ts'

/** `mv-expand`: a row for each element of an array, or for each member of a bag. */
export function mvExpand(node: SyntaxNode, input: Relation, scope: Scope): Relation {
  const items = itemsOf(node, 'MvExpandExpression')
  const limit = partsOf(node).find((part) => kindOf(part) === 'MvExpandRowLimitClause')
  return expanded(items, {
    input,
    scope,
    limit: limit ? only(limit) : undefined,
    indexName: parameterOf(node, 'with_itemindex'),
    arePairs: (parameterOf(node, 'bagexpansion') ?? parameterOf(node, 'kind')) === 'array',
    names: resultColumns(node).map(({ name }) => name),
    keepsNull: true,
  })
}

interface ExpandedItem {
  readonly name: string | undefined
  readonly value: SyntaxNode
  readonly type: ColumnType
}

function itemsOf(node: SyntaxNode, kind: string): ExpandedItem[] {
  return partsOf(node)
    .flatMap((part) => (kindOf(part) === 'List' ? partsOf(part) : [part]))
    .filter((part) => kindOf(part) === kind)
    .map((part) => {
      const [value, clause] = partsOf(part)
      if (value === undefined) throw new QueryMistake('syntax', 'something to expand is missing here', part)
      const item = itemOf(value)
      const typeText = clause ? /typeof\s*\(\s*(\w+)/.exec(sourceText(clause))?.[1] : undefined
      const isColumn = kindOf(item.value) === 'NameReference'
      const name = item.name ?? (isColumn ? (item.value.ReferencedSymbol?.Name ?? nameText(item.value)) : undefined)
      return { name, value: item.value, type: (typeText && typeNamed(typeText)) || 'dynamic' }
    })
}

interface Expansion {
  readonly input: Relation
  readonly scope: Scope
  readonly limit: SyntaxNode | undefined
  readonly indexName: string | undefined
  readonly arePairs: boolean
  /** Names of the result's columns, for those that the query does not name. */
  readonly names: readonly string[]
  /** Whether a row with nothing to expand stays, with a null. */
  readonly keepsNull: boolean
}

function expanded(items: readonly ExpandedItem[], expansion: Expansion): Relation {
  const { input, scope, limit, indexName, arePairs, names, keepsNull } = expansion
  const row = rowScope(scope, input)
  const given = new Set([...input.columns.map(({ name }) => name), ...items.map(({ name }) => name), indexName])
  const unnamed = names.filter((name) => !given.has(name))
  const arrays = items.map(({ value }) => ({
    alias: scope.writer.alias(),
    sql: partsSql(jsonOf(expression(value, row)), { arePairs, keepsNull }),
  }))
  const place = scope.writer.alias()
  const size =
    arrays.length === 1
      ? `length(${arrays[0]?.alias})`
      : `arrayMax([${arrays.map(({ alias }) => `length(${alias})`).join(', ')}])`
  const count =
    limit === undefined
      ? size
      : `least(${size}, greatest(0, ${expression(limit, { ...scope, columns: new Map() }).sql}))`
  const made = items.map(({ name, type }, index) => {
    const cell = convertedTo({ sql: `arrayElement(${arrays[index]?.alias}, ${place})`, type: 'dynamic' }, type)
    return {
      sql: cell.sql,
      column: {
        name: name ?? unnamed.shift() ?? firstName(items[index]?.value) ?? `Column${index + 1}`,
        type,
        alias: scope.writer.alias(),
      },
    }
  })
  if (indexName !== undefined)
    made.push({
      sql: `(toInt64(${place}) - 1)`,
      column: { name: indexName, type: 'long', alias: scope.writer.alias() },
    })
  const byName = new Map<string, RelationColumn>(made.map(({ column }) => [column.name, column]))
  const present = new Set(input.columns.map(({ name }) => name))
  const { relation } = row.rows
  const below = `SELECT *, ${arrays.map(({ sql, alias }) => `${sql} AS ${alias}`).join(', ')} FROM (${relation.sql})`
  return {
    ...relation,
    sql: `SELECT *, ${place}, ${made.map(({ sql, column }) => `${sql} AS ${column.alias}`).join(', ')} FROM (${below}) ARRAY JOIN range(1, toUInt64(${count}) + 1) AS ${place}`,
    columns: [
      ...input.columns.map((column) => byName.get(column.name) ?? column),
      ...[...byName.values()].filter(({ name }) => !present.has(name)),
    ],
    order: input.order.length === 0 ? [] : [...relation.order, { alias: place, direction: 'ASC' }],
  }
}

/** `todynamic(X)` without a name of its own is called X. */
function firstName(node: SyntaxNode | undefined): string | undefined {
  return node === undefined ? undefined : namesIn(node).find(({ isCallee }) => !isCallee)?.name
}

/** The elements of an array, the members of a bag each as a bag of its own (or as [key, value]), or the value alone. */
function partsSql(
  json: string,
  { arePairs, keepsNull }: { readonly arePairs: boolean; readonly keepsNull: boolean },
): string {
  const member = arePairs
    ? `concat('[', ${jsonString('pair.1')}, ',', pair.2, ']')`
    : `concat('{', ${jsonString('pair.1')}, ':', pair.2, '}')`
  const cases = [
    `startsWith(json, '['), JSONExtractArrayRaw(json)`,
    `startsWith(json, '{'), arrayMap(pair -> ${member}, JSONExtractKeysAndValuesRaw(json))`,
    `json = 'null', ${keepsNull ? "['']" : "CAST([], 'Array(String)')"}`,
    '[json]',
  ]
  return `arrayMap(json -> multiIf(${cases.join(', ')}), [${json}])[1]`
}

/** `mv-apply … on (query)`: the inner query runs over the elements of each row by itself. */
export function mvApply(node: SyntaxNode, input: Relation, scope: Scope): Relation {
  const items = itemsOf(node, 'MvApplyExpression')
  const inner = partsOf(node).find((part) => kindOf(part) === 'MvApplySubqueryExpression')
  if (inner === undefined) throw new QueryMistake('syntax', 'mv-apply needs "on ( … )"', node)
  const limit = partsOf(node).find((part) => kindOf(part) === 'MvApplyRowLimitClause')
  const [key, carried] = [scope.writer.alias(), scope.writer.alias()]
  const aliases = [...new Set([...uniqueAliases(input.columns), ...hiddenColumns(input)])]
  const numbered: Relation = {
    ...input,
    sql: `SELECT *, row_number() OVER (${orderSql(input.order).trim()}) AS ${key}, tuple(${aliases.join(', ') || '1'}) AS ${carried} FROM (${input.sql})`,
    order: [{ alias: key, direction: 'ASC' }],
    partition: { key, carried },
  }
  const rows = expanded(items, {
    input: numbered,
    scope,
    limit: limit ? only(limit) : undefined,
    indexName: parameterOf(node, 'with_itemindex'),
    arePairs: parameterOf(node, 'bagexpansion') === 'array',
    names: [],
    keepsNull: false,
  })
  const result = scope.relation(queryIn(inner), { ...scope, contextRows: rows })
  return rejoined(node, { input, result, aliases, scope })
}

/** The query in the parentheses. */
function queryIn(node: SyntaxNode): SyntaxNode {
  const query = partsOf(node).at(-1)
  if (query === undefined) throw new QueryMistake('syntax', 'a query is missing here', node)
  return query
}

/** Puts the outer row's columns beside what the inner query gives. */
function rejoined(
  node: SyntaxNode,
  {
    input,
    result,
    aliases,
    scope,
  }: {
    readonly input: Relation
    readonly result: Relation
    readonly aliases: readonly string[]
    readonly scope: Scope
  },
): Relation {
  const { partition: within } = result
  if (within?.carried === undefined)
    throw new QueryMistake('unsupported', 'this inner query is not supported here', node)
  const { carried } = within
  const renamed = new Map(aliases.map((alias) => [alias, scope.writer.alias()]))
  const inner = new Map(result.columns.map((column) => [column.name, column]))
  const outer = new Map(
    input.columns.map((column) => [column.name, { ...column, alias: renamed.get(column.alias) ?? column.alias }]),
  )
  const columns = resultColumns(node).flatMap(({ name }) => inner.get(name) ?? outer.get(name) ?? [])
  const restored = aliases.map((alias, index) => `tupleElement(${carried}, ${index + 1}) AS ${renamed.get(alias)}`)
  const own = [...new Set([...uniqueAliases(result.columns), ...result.order.map(({ alias }) => alias)])]
  const partitionAfter = input.partition && {
    key: renamed.get(input.partition.key) ?? input.partition.key,
    ...(input.partition.carried === undefined
      ? {}
      : { carried: renamed.get(input.partition.carried) ?? input.partition.carried }),
  }
  return {
    sql: `SELECT ${[...own, ...restored].join(', ') || '1'} FROM (${result.sql})`,
    columns,
    order:
      input.order.length === 0
        ? []
        : input.order.map(({ alias, direction }) => ({ alias: renamed.get(alias) ?? alias, direction })),
    ...(partitionAfter ? { partition: partitionAfter } : {}),
  }
}

/** `partition by Column (query)`: the inner query runs over the rows of each value by itself. */
export function partition(node: SyntaxNode, input: Relation, scope: Scope): Relation {
  const inner = partsOf(node).find((part) => /Subquery$|^PartitionQuery/.test(kindOf(part)))
  const by = partsOf(node).find((part) => kindOf(part) === 'NameReference')
  if (inner === undefined || by === undefined || input.partition)
    throw new QueryMistake('unsupported', 'write partition by Column ( … )', node)
  const row = rowScope(scope, input)
  const value = expression(by, row)
  const key = row.rows.below(value.sql)
  const result = scope.relation(queryIn(inner), { ...scope, contextRows: { ...row.rows.relation, partition: { key } } })
  const { partition: within, ...rest } = result
  void within
  return rest
}
