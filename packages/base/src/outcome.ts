/** What became of something handed over, sorted by what the sender does next. */
export type Outcome =
  | { readonly kind: 'accepted' }
  /** Never resend: the receiver will not take this, whenever it comes. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** Resend later, not before `retryAfterMs` where it is given. */
  | { readonly kind: 'unavailable'; readonly reason: string; readonly retryAfterMs?: number }

/** A value, or every problem that kept it from being one. */
export type Parsed<T> =
  | { readonly kind: 'parsed'; readonly value: T }
  | { readonly kind: 'rejected'; readonly problems: readonly Problem[] }

/** One thing wrong with an input: where (a JSON path, `line:column`, or a byte offset as text), and what. */
export interface Problem {
  readonly where: string
  readonly message: string
}

/** One line a problem, `where: message`. */
export function problemsText(problems: readonly Problem[]): string {
  return problems
    .map((problem) => (problem.where === '' ? problem.message : `${problem.where}: ${problem.message}`))
    .join('\n')
}
