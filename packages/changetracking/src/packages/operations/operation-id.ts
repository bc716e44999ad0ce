import { createHash } from 'node:crypto'

import type { OperationSource } from './operation.ts'

/**
 * Names operations of one reading: `apt-20261124T061600-1a2b3c4d`, and where two are called the same, which they are only
 * within one second, `…-2` for the second. What goes into a name must stand in the log when the operation begins.
 */
export class OperationNames {
  readonly #source: OperationSource
  readonly #counts = new Map<string, number>()

  constructor(source: OperationSource) {
    this.#source = source
  }

  next(time: string, words: string): string {
    const name = `${this.#source}-${time}-${createHash('sha256').update(words, 'latin1').digest('hex').slice(0, 8)}`
    const count = (this.#counts.get(name) ?? 0) + 1
    this.#counts.set(name, count)
    return count === 1 ? name : `${name}-${count}`
  }
}
