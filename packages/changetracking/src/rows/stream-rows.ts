import type { Row } from '@tidemark/model'

import type { TrackedRule } from '../config/tracking.ts'

/** Rows by the stream that carries them. Who asks for an item is told by numbers: places in the list of rules. */
export class StreamRows {
  readonly byStream = new Map<string, Row[]>()
  readonly #rules: readonly TrackedRule[]

  readonly #onRow: ((row: Row) => void) | undefined

  /** With `onRow` rows go there instead, whatever streams the rules have. */
  constructor(rules: readonly TrackedRule[], onRow?: (row: Row) => void) {
    this.#rules = rules
    this.#onRow = onRow
  }

  /** Names of the rules that ask for an item, each once. */
  ruleNames(matches: readonly number[]): string[] {
    return [...new Set(matches.map((match) => this.#rules[match]?.name ?? ''))]
  }

  /**
   * Rows go to one rule only, the first that has such a stream: two rules with one destination must not double them. What
   * goes nowhere is not made: it would take a number that then is missing.
   */
  add(kind: 'changeStream' | 'inventoryStream', matches: readonly number[], make: () => Row): void {
    if (this.#onRow !== undefined) return this.#onRow(make())
    const rule = matches.map((match) => this.#rules[match]).find((each) => each?.[kind] !== undefined)
    const stream = rule?.[kind]
    if (stream === undefined) return
    const rows = this.byStream.get(stream)
    if (rows) rows.push(make())
    else this.byStream.set(stream, [make()])
  }
}
