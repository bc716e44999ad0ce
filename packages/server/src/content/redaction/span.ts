/** Characters of a line that are a secret, from `start` up to but without `end`. */
export interface Span {
  readonly start: number
  readonly end: number
  /** What the mark is made of; the characters themselves where nothing is said. */
  readonly secret?: string
  /** Whether it goes on with a secret of a line above, and is not counted again. */
  readonly isContinued?: boolean
}

/** The spans in their order, those that overlap as one. */
export function merged(spans: readonly Span[]): Span[] {
  const sorted = [...spans].filter(({ start, end }) => end > start).sort((one, other) => one.start - other.start)
  const result: Span[] = []
  for (const span of sorted) {
    const last = result.at(-1)
    if (last === undefined || span.start >= last.end) result.push(span)
    else if (span.end > last.end) result[result.length - 1] = { ...last, end: span.end }
  }
  return result
}

/** The whole of a line but its indentation and what white space it ends with; `undefined` where nothing is left. */
export function wholeLine(line: string): Span | undefined {
  const end = line.trimEnd().length
  const start = line.length - line.trimStart().length
  return end > start ? { start, end } : undefined
}
