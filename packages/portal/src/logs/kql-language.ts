import { type Completion, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete'
import { StreamLanguage, type StringStream } from '@codemirror/language'
import { type QueryTableName, queryTableNames, queryTables } from '@tidemark/model'

const OPERATORS = [
  'where',
  'project',
  'project-away',
  'project-keep',
  'project-rename',
  'project-reorder',
  'extend',
  'summarize',
  'sort',
  'order',
  'top',
  'take',
  'limit',
  'distinct',
  'count',
  'join',
  'lookup',
  'union',
  'print',
  'let',
  'render',
  'by',
  'on',
  'kind',
  'asc',
  'desc',
  'and',
  'or',
  'not',
  'in',
  'between',
  'contains',
  'has',
  'startswith',
  'endswith',
  'matches',
  'regex',
  'materialize',
  'toscalar',
  'serialize',
  'as',
  'with',
  'true',
  'false',
  'null',
  'dynamic',
]
const FUNCTIONS = [
  'count',
  'countif',
  'dcount',
  'sum',
  'avg',
  'min',
  'max',
  'arg_max',
  'arg_min',
  'make_set',
  'make_list',
  'take_any',
  'ago',
  'now',
  'bin',
  'datetime',
  'tostring',
  'tolong',
  'todatetime',
  'tolower',
  'toupper',
  'strlen',
  'strcat',
  'substring',
  'split',
  'extract',
  'iff',
  'case',
  'coalesce',
  'isempty',
  'isnotempty',
  'isnull',
  'isnotnull',
  'parse_json',
  'startofday',
  'round',
  'replace_string',
  'trim',
  'indexof',
  'hourofday',
  'dayofweek',
]
const words = new Set(OPERATORS)
const called = new Set(FUNCTIONS)
const named = new Set<string>(queryTableNames)

/** KQL's colours: comments, texts, numbers, operators, functions, tables. */
export const kqlLanguage = StreamLanguage.define<{ readonly none?: never }>({
  name: 'kql',
  startState: () => ({}),
  token: colourOf,
  languageData: { commentTokens: { line: '//' }, closeBrackets: { brackets: ['(', '[', '{', '"', "'"] } },
})

function colourOf(stream: StringStream): string | null {
  if (stream.eatSpace()) return null
  if (stream.match(/^\/\/.*/)) return 'comment'
  if (stream.match(/^[@hH]?"(?:[^"\\]|\\.)*"?/) || stream.match(/^[@hH]?'(?:[^'\\]|\\.)*'?/)) return 'string'
  if (stream.match(/^\d+(?:\.\d+)?(?:ms|microsecond|tick|[dhms])?\b/)) return 'number'
  const word = stream.match(/^[\w-]+/)
  if (Array.isArray(word)) {
    const text = word[0] ?? ''
    if (words.has(text)) return 'keyword'
    if (named.has(text)) return 'typeName'
    return called.has(text) ? 'variableName.function' : 'variableName'
  }
  stream.next()
  return 'operator'
}

const tableOptions: readonly Completion[] = queryTableNames.map((name) => ({
  label: name,
  type: 'type',
  detail: 'table',
}))
const wordOptions: readonly Completion[] = [
  ...OPERATORS.map((label) => ({ label, type: 'keyword' })),
  ...FUNCTIONS.map((label) => ({ label, type: 'function', apply: `${label}(` })),
]

/** What could stand at the cursor: tables, columns of those that the query names, operators, functions. */
export function completionsAt(context: CompletionContext): CompletionResult | null {
  const word = context.matchBefore(/[\w-]+/)
  if (word === null && !context.explicit) return null
  const text = context.state.doc.toString()
  const used = queryTableNames.filter((name) => new RegExp(`\\b${name}\\b`).test(text))
  const isFirst = /(^|;)\s*[\w-]*$/.test(text.slice(0, context.pos))
  const columns = (used.length === 0 ? [] : used).flatMap(columnOptions)
  const unique = [...new Map(columns.map((one) => [one.label, one])).values()]
  return {
    from: word?.from ?? context.pos,
    options: isFirst ? [...tableOptions, ...wordOptions] : [...unique, ...wordOptions, ...tableOptions],
    validFor: /^[\w-]*$/,
  }
}

function columnOptions(table: QueryTableName): Completion[] {
  return queryTables[table].columns.map(({ name, type }) => ({ label: name, type: 'property', detail: type, boost: 1 }))
}
