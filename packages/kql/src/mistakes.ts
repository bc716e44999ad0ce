import { type Analysis, columnsOf, isTable, kindOf, partsOf, type SyntaxNode } from './analyzer/kusto.ts'
import type { CompileOptions, KqlProblem, ProblemCode } from './contract.ts'
import { aggregateFunctions } from './functions/aggregate.ts'
import { scalarFunctions } from './functions/functions.ts'
import { adviceFor, OPERATOR_NAMES, usuallyCalled } from './advice.ts'
import { NESTING_MAX, OPERATORS_MAX, TEXT_CHARS_MAX } from './limits.ts'
import { nearestName, problemAt } from './problem.ts'

/** What a query has too much of, before anything is parsed. */
export function tooMuch(text: string, options: Pick<CompileOptions, 'textCharsMax'>): KqlProblem | undefined {
  const charsMax = options.textCharsMax ?? TEXT_CHARS_MAX
  if (text.length > charsMax) {
    const message = `the query has ${text.length} characters; at most ${charsMax} are taken`
    return problemAt(text, { code: 'text-too-long', message, offset: charsMax, length: text.length - charsMax })
  }
  let depth = 0
  let operatorCount = 0
  for (let offset = 0; offset < text.length; offset += 1) {
    const character = text.charAt(offset)
    if ('([{'.includes(character)) depth += 1
    if (')]}'.includes(character)) depth -= 1
    if (',|+-*/<>=!'.includes(character) || /\s/.test(character)) operatorCount += 1
    if (depth > NESTING_MAX)
      return problemAt(text, {
        code: 'nested-too-deep',
        message: `more than ${NESTING_MAX} parentheses inside one another`,
        offset,
        length: 1,
      })
    if (operatorCount > OPERATORS_MAX)
      return problemAt(text, {
        code: 'too-complex',
        message: `more than ${OPERATORS_MAX} words and operators`,
        offset,
        length: 1,
      })
  }
  return undefined
}

const QUOTED = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\/\/[^\n]*/g

/** A workbook's placeholder, `{TimeRange}` or `{Computer:value}`, outside of texts. */
export function placeholderProblem(text: string): KqlProblem | undefined {
  const plain = text.replaceAll(QUOTED, (quoted) => ' '.repeat(quoted.length))
  const found = /\{\s*([A-Za-z_]\w*)(?::[\w:.]+)?\s*\}/.exec(plain)
  if (found === null) return undefined
  const [whole, name = ''] = found
  const isTime = /time|range|start|end/i.test(name)
  const instead = isTime
    ? 'ago(1d) in a condition such as where TimeGenerated > ago(1d)'
    : `a value, or let ${name} = …;`
  const message = `${whole} is a placeholder that an Azure workbook fills in before it asks; write ${instead} in its place`
  return problemAt(text, { code: 'placeholder', message, offset: found.index, length: whole.length })
}

interface Found {
  readonly code: string
  readonly message: string
  readonly offset: number
  readonly length: number
}

/** A finding of the analyzer or of ours as a problem, with a suggestion where one is near. */
export function problemOf(
  text: string,
  finding: Found,
  { options, analysis }: { readonly options: CompileOptions; readonly analysis?: Analysis },
): KqlProblem {
  const known = { options, ...(analysis === undefined ? {} : { analysis }) }
  const wrongOperator = operatorMistyped(text, finding)
  if (wrongOperator) return wrongOperator
  const code = codeOf(finding)
  const word = text.slice(finding.offset, finding.offset + finding.length).trim()
  const { message, offset, length } = finding
  const advice =
    code === 'unknown-function' || code === 'unsupported' ? adviceFor(/[\w-]*/.exec(word)?.[0] ?? '') : undefined
  if (advice !== undefined) {
    const name = /[\w-]*/.exec(word)?.[0] ?? ''
    return problemAt(text, { code: 'unsupported', message: `${name} is not supported here: ${advice}`, offset, length })
  }
  const suggestion = suggestionFor(code, word, known)
  const told = suggestion === undefined ? message : `${message.replace(/\.$/, '')}. Did you mean ${suggestion}?`
  return problemAt(text, { code, message: told, offset, length }, suggestion)
}

/** `| sumarize`: the analyzer says that an operator is expected, at the word that is none. */
function operatorMistyped(text: string, { message, offset }: Found): KqlProblem | undefined {
  if (!/operator expected/i.test(message)) return undefined
  const word = /^[A-Za-z][\w-]*/.exec(text.slice(offset))?.[0]
  if (word === undefined) return undefined
  const facts = { code: 'syntax' as const, offset, length: word.length }
  const suggestion = nearestName(word, OPERATOR_NAMES)
  const meant = suggestion === undefined ? '' : ` Did you mean ${suggestion}?`
  return problemAt(text, { ...facts, message: `there is no operator "${word}".${meant}` }, suggestion)
}

const OWN_CODES: ReadonlySet<string> = new Set<ProblemCode>([
  'syntax',
  'semantics',
  'unknown-name',
  'unknown-function',
  'unsupported',
  'bad-literal',
  'too-complex',
])

function codeOf({ code, message }: Found): ProblemCode {
  switch (true) {
    case isOwnCode(code):
      return code
    case /does not refer to any known function/.test(message):
      return 'unknown-function'
    case /does not refer to any known/.test(message):
      return 'unknown-name'
    case /expected|missing|unexpected|invalid/i.test(message):
      return 'syntax'
    default:
      return 'semantics'
  }
}

function isOwnCode(code: string): code is ProblemCode {
  return OWN_CODES.has(code)
}

interface Known {
  readonly options: CompileOptions
  readonly analysis?: Analysis
}

function suggestionFor(code: ProblemCode, word: string, { options: { tables }, analysis }: Known): string | undefined {
  if (code === 'unknown-function')
    return nearestName(word, [...Object.keys(scalarFunctions), ...Object.keys(aggregateFunctions)])
  if (code !== 'unknown-name') return undefined
  const made = analysis ? namesIn(analysis.root) : []
  const usual = usuallyCalled(word, made)
  if (usual !== undefined) return usual
  // What the query itself has is nearer than what other tables have.
  const columns = Object.values(tables).flatMap((table) => table.columns.map(({ name }) => name))
  return nearestName(word, made) ?? nearestName(word, [...Object.keys(tables), ...columns])
}

/** Names of columns and variables that the query itself makes. */
function namesIn(root: SyntaxNode): string[] {
  const names = new Set<string>()
  const waiting: SyntaxNode[] = [root]
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (isTable(node)) for (const { name } of columnsOf(node)) names.add(name)
    if (kindOf(node) === 'LetStatement') {
      const [declaration] = partsOf(node)
      const [token] = declaration ? partsOf(declaration) : []
      const text = token?.GetChild(0)?.Text
      if (text !== undefined) names.add(text)
    }
    waiting.push(...partsOf(node))
  }
  return [...names]
}
