import { completionKindOf, editorService, items } from '../analyzer/kusto.ts'
import type { KqlTable } from '../contract.ts'
import { aggregateFunctions } from '../functions/aggregate.ts'
import { scalarFunctions } from '../functions/functions.ts'
import { tooMuch } from '../mistakes.ts'

/** Completions given at one place. */
export const COMPLETIONS_MAX = 500

/** What may stand at a place of a query. */
export interface KqlCompletion {
  /** What a list shows. */
  readonly label: string
  /** What is written in place of `[from, to)`: `before`, then the caret, then `after`. */
  readonly before: string
  readonly after: string
  readonly kind: 'column' | 'function' | 'keyword' | 'operator' | 'table' | 'type' | 'value' | 'variable'
}

/** Completions at a place, and which part of the text they replace; offsets in UTF-16 units. */
export interface KqlCompletions {
  readonly from: number
  readonly to: number
  readonly items: readonly KqlCompletion[]
}

const KINDS: Readonly<Record<string, KqlCompletion['kind']>> = {
  AggregateFunction: 'function',
  BuiltInFunction: 'function',
  Column: 'column',
  DatabaseFunction: 'function',
  LocalFunction: 'function',
  MaterialiedView: 'table',
  Parameter: 'variable',
  QueryPrefix: 'operator',
  ScalarInfix: 'operator',
  ScalarType: 'type',
  Table: 'table',
  TabularPrefix: 'operator',
  TabularSuffix: 'operator',
  Variable: 'variable',
}

/** Kinds that lead to what is not answered here. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'Cluster',
  'CommandPrefix',
  'Database',
  'EntityGroup',
  'Graph',
  'StoredQueryResult',
])

/**
 * What may stand at an offset of the text, at most `COMPLETIONS_MAX`; functions only where they are answered. Never
 * throws; a text that is too large gets none.
 */
export function completeKql(text: string, offset: number, tables: Readonly<Record<string, KqlTable>>): KqlCompletions {
  const place = Math.max(0, Math.min(Math.trunc(offset), text.length))
  const none = { from: place, to: place, items: [] }
  if (tooMuch(text, {}) !== undefined) return none
  const values = valuesAt(text, place, tables)
  if (values) return values
  try {
    const found = editorService(text, tables).GetCompletionItems(place)
    const typed = text.slice(found.EditStart, place)
    const completions = inOrder(
      items(found.Items).flatMap((item) => completionOf(item)),
      typed,
    )
    return {
      from: found.EditStart,
      to: found.EditStart + found.EditLength,
      items: completions.slice(0, COMPLETIONS_MAX),
    }
  } catch {
    return none
  }
}

/** Names that nearly every query uses, before all other columns. */
const FIRST = ['TimeGenerated', 'Computer', 'ConfigChangeType', 'ConfigDataType', 'ChangeCategory']

/** What fits what is typed, the likeliest first: what begins like it, then what has it inside; hidden columns last. */
function inOrder(completions: readonly KqlCompletion[], typed: string): KqlCompletion[] {
  const wanted = typed.toLowerCase()
  const rank = ({ label, kind }: KqlCompletion): number => {
    const place = label.toLowerCase().indexOf(wanted)
    const known = FIRST.indexOf(label)
    const column = known >= 0 ? known / 10 : label.startsWith('_') ? 0.9 : 0.6
    return (place === 0 ? 0 : 10) + (kind === 'column' ? column : 1)
  }
  return completions
    .filter(({ label }) => label.toLowerCase().includes(wanted))
    .map((completion, place) => ({ completion, place, rank: rank(completion) }))
    .toSorted((one, other) => one.rank - other.rank || one.place - other.place)
    .map(({ completion }) => completion)
}

/** Words that begin what is right in Kusto and not answered here. */
const UNANSWERED: ReadonlySet<string> = new Set(
  [
    'externaldata inline_external_table macro-expand scan reduce fork facet assert-schema execute-and-cache entity_group',
    'make-graph graph-match graph-merge graph-to-table graph-shortest-paths graph-mark-components alias pattern restrict',
  ].flatMap((names) => names.split(' ')),
)

function completionOf(item: {
  readonly Kind: number
  readonly DisplayText: string | null
  readonly MatchText: string | null
  readonly BeforeText: string | null
  readonly AfterText: string | null
}): KqlCompletion[] {
  const kindName = completionKindOf(item.Kind)
  if (LEFT_OUT.has(kindName)) return []
  const name = item.MatchText ?? item.DisplayText ?? ''
  const kind = KINDS[kindName] ?? 'keyword'
  const isBuiltIn = kindName === 'BuiltInFunction' || kindName === 'AggregateFunction'
  if (isBuiltIn && !isAnswered(name)) return []
  if (UNANSWERED.has(name)) return []
  const before = item.BeforeText ?? name
  return before === '' ? [] : [{ label: item.DisplayText ?? name, before, after: item.AfterText ?? '', kind }]
}

/** Aggregates that give several columns stand in `summarize` itself. */
const SEVERAL = new Set(['arg_max', 'arg_min', 'percentiles', 'percentilesw'])
const TABULAR = new Set(['table', 'materialize', 'toscalar', 'typeof'])

function isAnswered(name: string): boolean {
  return (
    Object.hasOwn(scalarFunctions, name) ||
    Object.hasOwn(aggregateFunctions, name) ||
    SEVERAL.has(name) ||
    TABULAR.has(name)
  )
}

/** `Column == "` and `Column in ("a", "`: the values that the column may hold. */
function valuesAt(text: string, place: number, tables: Readonly<Record<string, KqlTable>>): KqlCompletions | undefined {
  const line = text.slice(Math.max(0, place - 200), place)
  const found =
    /\b(\w+)\s*(?:==|!=|=~|!~|!?(?:has|contains|startswith)(?:_cs)?(?=\s*["'])|!?(?:in~?|has_any|has_all)\s*\((?:\s*(?:"[^"]*"|'[^']*')\s*,)*)\s*(["']?)(\w*)$/.exec(
      line,
    )
  if (found === null) return undefined
  const [, name = '', quote = '', typed = ''] = found
  const values = Object.values(tables).flatMap(
    ({ columns }) => columns.find((column) => column.name === name)?.values ?? [],
  )
  const fitting = [...new Set(values)].filter((value) => value.toLowerCase().startsWith(typed.toLowerCase()))
  if (fitting.length === 0 || (quote === '' && typed !== '')) return undefined
  const to = quote !== '' && text.charAt(place) === quote ? place + 1 : place
  return {
    from: place - typed.length - quote.length,
    to,
    items: fitting.map((value) => ({
      label: value,
      before: quote === "'" ? `'${value}'` : JSON.stringify(value),
      after: '',
      kind: 'value',
    })),
  }
}
