import type { Parameter } from './contract.ts'

/** Literals that one query may have. */
export const PARAMETERS_MAX = 10_000

/** Gives out aliases and takes literals as bound parameters, so that no character of the query gets into the SQL. */
export class Writer {
  readonly parameters: Record<string, Parameter> = {}
  #aliases = 0
  #parameters = 0

  /** A name for a column that nothing else has: `c7`. */
  alias(): string {
    this.#aliases += 1
    return `c${this.#aliases}`
  }

  /** A placeholder for a value. `type` is ClickHouse's and is written by us, never taken from the query. */
  bind(type: string, value: Parameter['value']): string {
    const name = `p${this.#parameters}`
    this.#parameters += 1
    if (this.#parameters > PARAMETERS_MAX) throw new RangeError(`more than ${PARAMETERS_MAX} literals`)
    this.parameters[name] = { type, value }
    return `{${name}:${type}}`
  }

  text(value: string): string {
    return this.bind('String', value)
  }

  whole(value: bigint): string {
    return this.bind('Int64', value.toString())
  }
}

/** A name in SQL, for names that we chose or that the schema has. */
export function quoted(name: string): string {
  return `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``
}
