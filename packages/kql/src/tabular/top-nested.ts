import { kindOf, partsOf, type SyntaxNode } from '../analyzer/kusto.ts'
import { QueryMistake } from '../problem.ts'
import { rowScope } from '../rows.ts'
import { expression } from '../scalar/expression.ts'
import type { Scalar } from '../scalar/scalar.ts'
import type { Relation, RelationColumn, Scope } from '../scope.ts'
import { itemOf, resultColumns } from './columns.ts'

interface Level {
  /** How many; absent for all. */
  readonly count: string | undefined
  readonly of: Scalar
  readonly by: Scalar
  readonly direction: string
}

/** `top-nested n of A by x, top-nested m of B by y`: the best of each level within the level before. */
export function topNested(node: SyntaxNode, input: Relation, scope: Scope): Relation {
  const row = rowScope(scope, input)
  const clauses = partsOf(node)
    .flatMap((part) => (kindOf(part) === 'List' ? partsOf(part) : [part]))
    .filter((part) => kindOf(part) === 'TopNestedClause')
  const levels = clauses.map((clause) => levelOf(clause, row))
  const names = resultColumns(node)
  if (names.length !== levels.length * 2) throw new QueryMistake('unsupported', 'this is not supported here', node)
  const columns = levels.flatMap((level, index): RelationColumn[] => [
    { name: names[index * 2]?.name ?? '', type: level.of.type, alias: scope.writer.alias() },
    { name: names[index * 2 + 1]?.name ?? '', type: level.by.type, alias: scope.writer.alias() },
  ])
  let sql = ''
  for (const [index, level] of levels.entries()) {
    const keys = columns.filter((_, column) => column % 2 === 0).slice(0, index + 1)
    const best = bestOf({
      rows: row.rows.relation.sql,
      level,
      keys,
      levels,
      measure: columns[index * 2 + 1]?.alias ?? '',
    })
    const before = keys.slice(0, -1)
    const fresh = new Map(before.map(({ alias }) => [alias, scope.writer.alias()]))
    const shared = before.map(({ alias }) => `l.${alias} IS NOT DISTINCT FROM r.${fresh.get(alias)}`).join(' AND ')
    const renamed = before.map(({ alias }) => `${alias} AS ${fresh.get(alias)}`)
    const own = [keys.at(-1)?.alias, columns[index * 2 + 1]?.alias]
    sql =
      index === 0
        ? best
        : `SELECT * FROM (${sql}) AS l INNER JOIN (SELECT ${[...renamed, ...own].join(', ')} FROM (${best})) AS r ON ${shared}`
    const aliases = columns.slice(0, index * 2 + 2).map(({ alias }) => alias)
    const within = before.length === 0 ? '' : ` BY ${before.map(({ alias }) => alias).join(', ')}`
    const limit = level.count === undefined ? '' : ` LIMIT greatest(0, ${level.count})${within}`
    sql = `SELECT ${aliases.join(', ')} FROM (${sql}) ORDER BY ${columns[index * 2 + 1]?.alias} ${level.direction}${limit}`
  }
  const order = levels.map(({ direction }, index) => ({ alias: columns[index * 2 + 1]?.alias ?? '', direction }))
  return { sql, columns, order }
}

interface Best {
  readonly rows: string
  readonly level: Level
  readonly keys: readonly RelationColumn[]
  readonly levels: readonly Level[]
  readonly measure: string
}

function bestOf({ rows, level, keys, levels, measure }: Best): string {
  const written = keys.map(({ alias }, index) => `${levels[index]?.of.sql} AS ${alias}`)
  return `SELECT ${[...written, `${level.by.sql} AS ${measure}`].join(', ')} FROM (${rows}) GROUP BY ${keys.map(({ alias }) => alias).join(', ')}`
}

function levelOf(clause: SyntaxNode, row: Scope): Level {
  const parts = partsOf(clause)
  const others = parts.find((part) => kindOf(part) === 'TopNestedWithOthersClause')
  if (others) throw new QueryMistake('unsupported', '"with others" is not supported here', others)
  const rest = parts.filter((part) => part !== others)
  const [by, of, count] = rest.toReversed()
  if (by === undefined || of === undefined) throw new QueryMistake('syntax', '"of" and "by" are needed here', clause)
  const isOrdered = kindOf(by) === 'OrderedExpression'
  const measure = itemOf(isOrdered ? (partsOf(by)[0] ?? by) : by).value
  const ordering = isOrdered ? partsOf(by)[1] : undefined
  const isAscending = ordering !== undefined && /\basc/.test(wordsBelow(ordering))
  return {
    count: count ? expression(count, { ...row, columns: new Map() }).sql : undefined,
    of: expression(itemOf(of).value, row),
    by: expression(measure, { ...row, isGroup: true }),
    direction: isAscending ? 'ASC NULLS FIRST' : 'DESC NULLS LAST',
  }
}

function wordsBelow(node: SyntaxNode): string {
  if (node.IsToken) return node.Text ?? ''
  let words = ''
  for (let index = 0; index < node.ChildCount; index += 1) {
    const child = node.GetChild(index)
    if (child) words += ` ${wordsBelow(child)}`
  }
  return words
}
