import type { SyntaxNode } from './analyzer/kusto.ts'
import type { KqlProblem, ProblemCode } from './contract.ts'

/** A mistake in the query; caught where compiling begins, and told as a value. */
export class QueryMistake extends Error {
  override readonly name = 'QueryMistake'
  readonly code: ProblemCode
  readonly offset: number
  readonly length: number

  constructor(code: ProblemCode, message: string, at: Pick<SyntaxNode, 'TextStart' | 'Width'>) {
    super(message)
    this.code = code
    this.offset = at.TextStart
    this.length = at.Width
  }
}

/** The problem with its line and column, which count from 1. */
export function problemAt(
  text: string,
  facts: { readonly code: ProblemCode; readonly message: string; readonly offset: number; readonly length: number },
  suggestion?: string,
): KqlProblem {
  const offset = Math.min(facts.offset, text.length)
  const before = text.slice(0, offset)
  const line = before.split('\n').length
  const column = offset - before.lastIndexOf('\n')
  const { code, message, length } = facts
  return { code, message, line, column, offset, length, ...(suggestion === undefined ? {} : { suggestion }) }
}

/** The known name that is nearest to a mistyped one; `undefined` where none is near. */
export function nearestName(typed: string, known: Iterable<string>): string | undefined {
  const limit = Math.max(1, Math.floor(typed.length / 3))
  let best: { name: string; distance: number } | undefined
  for (const name of known) {
    if (name === typed) continue
    const [short, long] = [typed.toLowerCase(), name.toLowerCase()].toSorted((one, other) => one.length - other.length)
    // `Prev` for `Previous`, and `PreviousValue` for it too.
    const isPart = short !== undefined && short.length >= 3 && long?.startsWith(short) === true
    const isNear = isPart && (name.length >= typed.length || name.length * 2 >= typed.length)
    const distance = isNear
      ? 0.5 + Math.abs(name.length - typed.length) / 100
      : editDistance(typed.toLowerCase(), name.toLowerCase())
    if (distance <= limit && (best === undefined || distance < best.distance)) best = { name, distance }
  }
  return best?.name
}

/** Levenshtein's distance. */
function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (const [index, character] of [...one].entries()) {
    const next = [index + 1]
    for (const [position, opposite] of [...other].entries())
      next.push(
        Math.min(
          (next[position] ?? 0) + 1,
          (row[position + 1] ?? 0) + 1,
          (row[position] ?? 0) + (character === opposite ? 0 : 1),
        ),
      )
    row = next
  }
  return row[other.length] ?? 0
}
