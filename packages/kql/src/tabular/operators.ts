import { kindOf, partsOf, type SyntaxNode, tokensOf } from '../analyzer/kusto.ts'
import { QueryMistake } from '../problem.ts'
import { expression } from '../scalar/expression.ts'
import { orderSql, type Relation, type RelationColumn, rowScope, type Scope } from '../scope.ts'
import { type Item, itemOf, listedParts, resultColumns, selectSql } from './columns.ts'
import { join } from './join.ts'
import { summarize } from './summarize.ts'
import { union } from './union.ts'

/** What an operator works on. */
export interface OperatorContext {
  readonly scope: Scope
  /** The query's text. */
  readonly text: string
}

type Operator = (node: SyntaxNode, input: Relation, context: OperatorContext) => Relation

/** Every tabular operator that is known behind a bar. Adding one is a line here. */
const operators: Readonly<Record<string, Operator>> = {
  FilterOperator: filter,
  ProjectOperator: project,
  ProjectAwayOperator: keepByName,
  ProjectKeepOperator: keepByName,
  ProjectReorderOperator: keepByName,
  ProjectRenameOperator: rename,
  ExtendOperator: extend,
  SummarizeOperator: (node, input, { scope }) => summarize(node, input, scope),
  SortOperator: sort,
  TopOperator: top,
  TakeOperator: take,
  DistinctOperator: distinct,
  CountOperator: count,
  JoinOperator: join,
  LookupOperator: join,
  UnionOperator: union,
  RenderOperator: (_node, input) => input,
  AsOperator: (_node, input) => input,
  SerializeOperator: (_node, input) => input,
}

/** The relation behind `input | operator`. */
export function applyOperator(node: SyntaxNode, input: Relation, context: OperatorContext): Relation {
  const operator = operators[kindOf(node)]
  if (operator) return operator(node, input, context)
  const name = tokensOf(node)[0]?.Text ?? kindOf(node)
  throw new QueryMistake('unsupported', `the operator "${name}" is not supported yet`, tokensOf(node)[0] ?? node)
}

function filter(node: SyntaxNode, input: Relation, { scope }: OperatorContext): Relation {
  const [condition] = listedParts(node)
  if (condition === undefined) throw new QueryMistake('syntax', 'a condition is missing here', node)
  const { sql } = expression(condition, rowScope(scope, input))
  return { ...input, sql: `SELECT * FROM (${input.sql}) WHERE ${sql}` }
}

function project(node: SyntaxNode, input: Relation, { scope }: OperatorContext): Relation {
  const row = rowScope(scope, input)
  const names = resultColumns(node)
  const made = listedParts(node).map((part, index) => {
    const value = expression(itemOf(part).value, row)
    return { sql: value.sql, column: newColumn(names[index]?.name ?? '', value.type, scope) }
  })
  if (made.length !== names.length) throw new QueryMistake('unsupported', 'this projection is not supported yet', node)
  return { sql: selectSql(input, made), columns: made.map(({ column }) => column), order: input.order }
}

function newColumn(name: string, type: RelationColumn['type'], scope: Scope): RelationColumn {
  return { name, type, alias: scope.writer.alias() }
}

/** Operators that only choose among columns and order them: the analyzer says what is left. */
function keepByName(node: SyntaxNode, input: Relation): Relation {
  const byName = new Map(input.columns.map((column) => [column.name, column]))
  return { ...input, columns: resultColumns(node).flatMap(({ name }) => byName.get(name) ?? []) }
}

function rename(node: SyntaxNode, input: Relation): Relation {
  const names = resultColumns(node)
  return {
    ...input,
    columns: input.columns.map((column, index) => ({ ...column, name: names[index]?.name ?? column.name })),
  }
}

function extend(node: SyntaxNode, input: Relation, { scope }: OperatorContext): Relation {
  const row = rowScope(scope, input)
  const present = new Set(input.columns.map(({ name }) => name))
  const added = resultColumns(node).filter(({ name }) => !present.has(name))
  const made = new Map<string, { sql: string; column: RelationColumn }>()
  for (const part of listedParts(node)) {
    const item: Item = itemOf(part)
    const isReplaced = item.name !== undefined && present.has(item.name)
    const name = isReplaced ? item.name : added.shift()?.name
    if (name === undefined) throw new QueryMistake('unsupported', 'give this column a name', part)
    const value = expression(item.value, row)
    made.set(name, { sql: value.sql, column: newColumn(name, value.type, scope) })
  }
  const columns = input.columns.map((column) => made.get(column.name)?.column ?? column)
  const appended = [...made.values()].filter(({ column }) => !present.has(column.name)).map(({ column }) => column)
  const written = [...made.values()].map(({ sql, column }) => `${sql} AS ${column.alias}`)
  return {
    sql: `SELECT *, ${written.join(', ')} FROM (${input.sql})`,
    columns: [...columns, ...appended],
    order: input.order,
  }
}

function sort(node: SyntaxNode, input: Relation, { scope }: OperatorContext): Relation {
  return sorted(listedParts(node), input, scope)
}

function sorted(keys: readonly SyntaxNode[], input: Relation, scope: Scope): Relation {
  const row = rowScope(scope, input)
  const made = keys.map((key) => {
    const isOrdered = kindOf(key) === 'OrderedExpression'
    const [value = key, clause] = isOrdered ? partsOf(key) : [key]
    return { sql: expression(value, row).sql, alias: scope.writer.alias(), direction: directionOf(clause) }
  })
  const written = made.map(({ sql, alias }) => `${sql} AS ${alias}`)
  return {
    sql: `SELECT *, ${written.join(', ')} FROM (${input.sql})`,
    columns: input.columns,
    order: made.map(({ alias, direction }) => ({ alias, direction })),
  }
}

/** Descending unless said; nulls are the smallest. */
function directionOf(clause: SyntaxNode | undefined): string {
  const words = clause ? allTokens(clause).map((token) => token.Text?.toLowerCase()) : []
  const isAscending = words.includes('asc')
  const nullsFirst = words.includes('first') || (isAscending && !words.includes('last'))
  return `${isAscending ? 'ASC' : 'DESC'} NULLS ${nullsFirst ? 'FIRST' : 'LAST'}`
}

function allTokens(node: SyntaxNode): SyntaxNode[] {
  return [...tokensOf(node), ...partsOf(node).flatMap(allTokens)]
}

function top(node: SyntaxNode, input: Relation, { scope }: OperatorContext): Relation {
  const [amount, ...keys] = listedParts(node)
  if (amount === undefined || keys.length === 0) throw new QueryMistake('syntax', 'top needs a number and "by"', node)
  return limited(sorted(keys, input, scope), amount, scope)
}

function take(node: SyntaxNode, input: Relation, { scope }: OperatorContext): Relation {
  const [amount] = listedParts(node)
  if (amount === undefined) throw new QueryMistake('syntax', 'a number of rows is missing here', node)
  return limited(input, amount, scope)
}

function limited(input: Relation, amount: SyntaxNode, scope: Scope): Relation {
  const { sql, type } = expression(amount, { ...scope, columns: new Map() })
  if (type !== 'long' && type !== 'int') throw new QueryMistake('semantics', 'a whole number is needed here', amount)
  return { ...input, sql: `SELECT * FROM (${input.sql})${orderSql(input.order)} LIMIT greatest(0, ${sql})` }
}

function distinct(node: SyntaxNode, input: Relation, { scope }: OperatorContext): Relation {
  const parts = listedParts(node)
  const isAll = parts.some((part) => kindOf(part) === 'StarExpression')
  const row = rowScope(scope, input)
  const names = resultColumns(node)
  const made = isAll
    ? input.columns.map((column) => ({ sql: column.alias, column: newColumn(column.name, column.type, scope) }))
    : parts.map((part, index) => {
        const value = expression(part, row)
        return { sql: value.sql, column: newColumn(names[index]?.name ?? '', value.type, scope) }
      })
  const written = made.map(({ sql, column }) => `${sql} AS ${column.alias}`)
  return {
    sql: `SELECT DISTINCT ${written.join(', ')} FROM (${input.sql})`,
    columns: made.map(({ column }) => column),
    order: [],
  }
}

function count(_node: SyntaxNode, input: Relation, { scope }: OperatorContext): Relation {
  const column = newColumn('Count', 'long', scope)
  return { sql: `SELECT toInt64(count()) AS ${column.alias} FROM (${input.sql})`, columns: [column], order: [] }
}
