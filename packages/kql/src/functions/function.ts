import type { ColumnType } from '@tidemark/model'

import type { SyntaxNode } from '../analyzer/kusto.ts'
import { QueryMistake } from '../problem.ts'
import { boolOf, datetimeFrom, jsonOf, realOf, timespanFrom, wholeOf } from '../scalar/convert.ts'
import { asText, type Scalar } from '../scalar/scalar.ts'
import type { Scope } from '../scope.ts'

/** A call of a function, its arguments not compiled yet: an aggregate may take a star. */
export interface Call {
  readonly node: SyntaxNode
  readonly scope: Scope
  readonly argumentNodes: readonly SyntaxNode[]
  readonly args: readonly (() => Scalar)[]
}

/** How one function is written in SQL. */
export type FunctionWriter = (call: Call) => Scalar

/** The arguments of a call, at least `least` and at most `most`. */
export function argumentsOf(call: Call, least: number, most = least): Scalar[] {
  if (call.args.length < least || call.args.length > most)
    throw new QueryMistake(
      'semantics',
      `${least === most ? least : `${least} to ${most}`} arguments are needed here`,
      call.node,
    )
  return call.args.map((argument) => argument())
}

/** The argument at a position, which `argumentsOf` has counted. */
export function at(values: readonly Scalar[], index: number): Scalar {
  const value = values[index]
  if (value === undefined) throw new RangeError(`no argument ${index}`)
  return value
}

/** Arguments that a function with `…` takes. */
export const ARGUMENTS_MAX = 64

// How an argument is handed to a writer: s text (never null), i whole number, r real number, j JSON text ('null' for
// null), d datetime, t timespan, b truth.
const AS: Readonly<Record<string, (value: Scalar) => string>> = {
  s: asText,
  i: wholeOf,
  r: realOf,
  j: jsonOf,
  d: datetimeFrom,
  t: timespanFrom,
  b: boolOf,
}

/**
 * A function by its result's type, how its arguments are taken (a letter of `AS` for each; behind `?` they may be left
 * out, a last `*` repeats the letter before it), and its SQL.
 */
export function fn(type: ColumnType, takes: string, write: (...args: string[]) => string): FunctionWriter {
  const [needed = '', optional = ''] = takes.split('?')
  const repeated = takes.endsWith('*') ? takes.at(-2) : undefined
  const letters = [...needed, ...optional].filter((letter) => letter !== '*')
  const least = needed.replace('*', '').length
  const most = repeated === undefined ? letters.length : ARGUMENTS_MAX
  return (call) => {
    const values = argumentsOf(call, least, most)
    const written = values.map((value, index) => (AS[letters[index] ?? repeated ?? 's'] ?? asText)(value))
    return { sql: write(...written), type }
  }
}

/** A whole number that the query must say itself. */
export function constantWhole(value: Scalar | undefined, node: SyntaxNode): number | undefined {
  if (value === undefined) return undefined
  if (typeof value.constant === 'bigint') return Number(value.constant)
  throw new QueryMistake('unsupported', 'a number must stand here, not something that is computed', node)
}

/** A text that the query must say itself. */
export function constantText(value: Scalar | undefined, node: SyntaxNode): string | undefined {
  if (value === undefined) return undefined
  if (typeof value.constant === 'string') return value.constant
  throw new QueryMistake('unsupported', 'a text must stand here, not something that is computed', node)
}
