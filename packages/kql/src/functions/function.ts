import type { SyntaxNode } from '../analyzer/kusto.ts'
import { QueryMistake } from '../problem.ts'
import type { Scalar } from '../scalar/scalar.ts'
import type { Scope } from '../scope.ts'

/** A call of a function, its arguments not compiled yet: an aggregate may take a star. */
export interface Call {
  readonly node: SyntaxNode
  readonly scope: Scope
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
