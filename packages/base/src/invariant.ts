/** A thing that cannot be unless the program is wrong. Nobody but `main` catches it. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError'
}

/** Asserts what must be true whatever comes from outside; never for operating errors. */
export function invariant(holds: unknown, claim: string): asserts holds {
  if (!holds) throw new InvariantError(claim)
}

/** The default branch of a switch over a union: a missed case does not compile. */
export function unreachable(value: never): never {
  throw new InvariantError(`unexpected value: ${JSON.stringify(value)}`)
}
