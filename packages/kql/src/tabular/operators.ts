import { kindOf, partsOf, type SyntaxNode, tokensOf } from '../analyzer/kusto.ts'
import { problemAt, QueryMistake } from '../problem.ts'
import { type Rows, rowScope } from '../rows.ts'
import { converts } from '../scalar/convert.ts'
import { expression } from '../scalar/expression.ts'
import { listed, nameText } from '../scalar/names.ts'
import type { Scalar } from '../scalar/scalar.ts'
import { hiddenColumns, type Relation, type RelationColumn, type Scope } from '../scope.ts'
import { columnFor, itemOf, listedParts, namesIn, resultColumns, uniqueAliases, withColumns } from './columns.ts'
import { evaluate } from './evaluate.ts'
import { invoke } from './invoke.ts'
import { join } from './join.ts'
import { makeSeries } from './make-series.ts'
import { mvApply, mvExpand, partition } from './mv-expand.ts'
import { parse } from './parse.ts'
import { parseKeyValues } from './parse-kv.ts'
import { sample, sampleDistinct, schemaOf } from './sample.ts'
import { search } from './search.ts'
import { severalOf } from './several-columns.ts'
import { sort, take, top, topHitters } from './sort.ts'
import { keptPartition, summarize } from './summarize.ts'
import { topNested } from './top-nested.ts'
import { union } from './union.ts'

type Operator = (node: SyntaxNode, input: Relation, scope: Scope) => Relation

const same: Operator = (_node, input) => input

/** Every tabular operator that is known behind a bar. Adding one is a line here. */
const operators: Readonly<Record<string, Operator>> = {
  FilterOperator: filter,
  ProjectOperator: project,
  ProjectAwayOperator: keepByName,
  ProjectKeepOperator: keepByName,
  ProjectReorderOperator: keepByName,
  ProjectByNamesOperator: keepByName,
  ProjectRenameOperator: rename,
  ExtendOperator: extend,
  SerializeOperator: serialize,
  SummarizeOperator: summarize,
  SortOperator: sort,
  TopOperator: top,
  TopHittersOperator: topHitters,
  TopNestedOperator: topNested,
  TakeOperator: take,
  DistinctOperator: distinct,
  CountOperator: count,
  JoinOperator: join,
  LookupOperator: join,
  UnionOperator: (node, input, scope) => union(node, input, scope),
  SearchOperator: (node, input, scope) => search(node, input, scope),
  ParseOperator: parse,
  ParseWhereOperator: parse,
  ParseKvOperator: parseKeyValues,
  MvExpandOperator: mvExpand,
  MvApplyOperator: mvApply,
  PartitionOperator: partition,
  MakeSeriesOperator: makeSeries,
  EvaluateOperator: evaluate,
  InvokeOperator: invoke,
  SampleOperator: sample,
  SampleDistinctOperator: sampleDistinct,
  GetSchemaOperator: schemaOf,
  RenderOperator: same,
  AsOperator: as,
  ConsumeOperator: (_node, input) => ({ ...input, sql: `SELECT * FROM (${input.sql}) WHERE false` }),
}

/** The relation behind `input | operator`. */
export function applyOperator(node: SyntaxNode, input: Relation, scope: Scope): Relation {
  const operator = operators[kindOf(node)]
  if (operator) return operator(node, input, scope)
  const name = tokensOf(node)[0]?.Text ?? kindOf(node)
  throw new QueryMistake('unsupported', `${name} is not supported here`, tokensOf(node)[0] ?? node)
}

/** Whether a node is an operator that may stand behind a bar, and so at the begin of an inner query. */
export function isOperator(node: SyntaxNode): boolean {
  return Object.hasOwn(operators, kindOf(node))
}

function filter(node: SyntaxNode, input: Relation, scope: Scope): Relation {
  const [condition] = listedParts(node)
  if (condition === undefined) throw new QueryMistake('syntax', 'a condition is missing here', node)
  const row = rowScope(scope, input)
  const sql = converts(expression(asComparison(condition, scope), row), 'bool')
  const { relation } = row.rows
  return { ...relation, sql: `SELECT * FROM (${relation.sql}) WHERE ${sql}` }
}

/** `where a = true` gives a name to a truth; whoever writes it means `==`. */
function asComparison(condition: SyntaxNode, scope: Scope): SyntaxNode {
  if (kindOf(condition) !== 'SimpleNamedExpression') return condition
  const { TextStart: offset, Width: length } = condition
  const message = 'one = gives a name; it is read as == here'
  scope.hint(problemAt(scope.text, { code: 'single-equals', message, offset, length }))
  return condition
}

function project(node: SyntaxNode, input: Relation, scope: Scope): Relation {
  const row = rowScope(scope, input)
  const names = resultColumns(node)
  let place = 0
  const made = listedParts(node).flatMap((part) => {
    const several = severalOf(part, row)
    if (several) return several.values.map((value) => columnFor(names[place++]?.name ?? '', value, scope))
    const item = itemOf(part)
    return [columnFor(names[place++]?.name ?? item.name ?? '', expression(item.value, row), scope)]
  })
  if (made.length !== names.length) throw new QueryMistake('unsupported', 'give each column one name', node)
  const { open, ...relation } = row.rows.relation
  void open
  return { ...relation, sql: withColumns(relation, made), columns: made.map(({ column }) => column) }
}

/** Operators that only choose among columns and order them: the analyzer says what is left. */
function keepByName(node: SyntaxNode, input: Relation): Relation {
  const byName = new Map(input.columns.map((column) => [column.name, column]))
  return { ...input, columns: resultColumns(node).flatMap(({ name }) => byName.get(name) ?? []) }
}

function rename(node: SyntaxNode, input: Relation): Relation {
  const names = new Map<string, string>()
  for (const part of listedParts(node)) {
    const { name, value } = itemOf(part)
    if (name === undefined) throw new QueryMistake('semantics', 'write New = Old here', part)
    names.set(value.ReferencedSymbol?.Name ?? nameText(value), name)
  }
  return {
    ...input,
    columns: input.columns.map((column) => ({ ...column, name: names.get(column.name) ?? column.name })),
  }
}

function extend(node: SyntaxNode, input: Relation, scope: Scope): Relation {
  const row = rowScope(scope, input)
  return extended(node, { input, row: { ...row, rows: row.rows }, scope })
}

function extended(
  node: SyntaxNode,
  {
    input,
    row,
    scope,
  }: { readonly input: Relation; readonly row: Scope & { readonly rows: Rows }; readonly scope: Scope },
): Relation {
  const present = new Set(input.columns.map(({ name }) => name))
  const named = new Set(listedParts(node).flatMap(namesGiven))
  const added = resultColumns(node).filter(({ name }) => !present.has(name) && !named.has(name))
  const made = listedParts(node).flatMap((part) => {
    const several = severalOf(part, row)
    if (several) return several.values.flatMap((one, index) => severalColumn(one, index))
    const { name, value } = itemOf(part)
    const isColumn = kindOf(value) === 'NameReference' && present.has(nameText(value))
    const given = name ?? (isColumn ? nameText(value) : (added.shift()?.name ?? sameName(value, present)))
    if (given === undefined) throw new QueryMistake('unsupported', 'give this column a name', part)
    return [columnFor(given, expression(value, row), scope)]

    // Names that the query gives are all that is kept; without any the analyzer names each.
    function severalColumn(one: Scalar, index: number): ReturnType<typeof columnFor>[] {
      const own = several?.names ?? []
      const called = own.length > 0 ? own[index] : added.shift()?.name
      return called === undefined ? [] : [columnFor(called, one, scope)]
    }
  })
  const byName = new Map(made.map(({ column }) => [column.name, column]))
  const { relation } = row.rows
  return {
    ...relation,
    sql: withColumns(relation, made),
    columns: [
      ...input.columns.map((column) => byName.get(column.name) ?? column),
      ...[...byName.values()].filter(({ name }) => !present.has(name)),
    ],
  }
}

function namesGiven(part: SyntaxNode): string[] {
  if (kindOf(part) === 'CompoundNamedExpression') return listed(partsOf(part)[0] ?? part).map(nameText)
  const { name } = itemOf(part)
  return name === undefined ? [] : [name]
}

/** `bin(X, 1h)` without a name of its own may be called X. */
function sameName(value: SyntaxNode, present: ReadonlySet<string>): string | undefined {
  return namesIn(value).find(({ name, isCallee }) => !isCallee && present.has(name))?.name
}

/** `serialize`: the rows keep the order that they have. */
function serialize(node: SyntaxNode, input: Relation, scope: Scope): Relation {
  const row = rowScope(scope, input)
  row.rows.position()
  return extended(node, { input, row, scope })
}

/** `as Name`: later statements of the same query may not see it, so it only names the rows. */
function as(node: SyntaxNode, input: Relation): Relation {
  void node
  return input
}

function distinct(node: SyntaxNode, input: Relation, scope: Scope): Relation {
  const parts = listedParts(node)
  const isAll = parts.some((part) => kindOf(part) === 'StarExpression')
  const row = rowScope(scope, input)
  const names = resultColumns(node)
  const made = isAll
    ? input.columns.map((column) => ({ sql: undefined, column }))
    : parts.map((part, index) => columnFor(names[index]?.name ?? '', expression(part, row), scope))
  const { partition: within } = input
  const columns = made.map(({ column }): RelationColumn => column)
  const listedAliases = [
    ...new Set([...uniqueAliases(columns), ...hiddenColumns({ order: [], ...(within ? { partition: within } : {}) })]),
  ]
  return {
    sql: `SELECT DISTINCT ${listedAliases.join(', ') || '1'} FROM (${withColumns(row.rows.relation, made)})`,
    columns,
    order: [],
    ...(within ? { partition: within } : {}),
  }
}

function count(_node: SyntaxNode, input: Relation, scope: Scope): Relation {
  const column: RelationColumn = { name: 'Count', type: 'long', alias: scope.writer.alias() }
  const { partition: within } = input
  if (within === undefined)
    return { sql: `SELECT toInt64(count()) AS ${column.alias} FROM (${input.sql})`, columns: [column], order: [] }
  const kept = keptPartition(within, scope)
  return {
    sql: `SELECT toInt64(count()) AS ${column.alias}, ${kept.selected.join(', ')} FROM (${input.sql}) GROUP BY ${within.key}`,
    columns: [column],
    order: [],
    partition: kept.partition,
  }
}
