import type { Parameter } from './contract.ts'

/** Literals that one query may have. */
export const PARAMETERS_MAX = 10_000

/** No text of a query is in the SQL, so nothing else has this character. */
const MARK = '\u0000'
const LISTS = /\u0000(\d+)(?:\.(\d+))?\u0000/g

/** One of a list, and what makes it needed: that the alias stands anywhere else. */
export interface ListItem {
  readonly alias: string
  readonly sql: string
}

/** Gives out aliases and takes literals as bound parameters, so that no character of the query gets into the SQL. */
export class Writer {
  readonly parameters: Record<string, Parameter> = {}
  readonly #lists: { readonly items: readonly ListItem[]; readonly otherwise: string }[] = []
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

  /**
   * A list of which only those are written whose alias something else names: a table has many columns and a query needs
   * few. What stands in its place is known by `written`.
   */
  list(items: readonly ListItem[], otherwise: string): string {
    this.#lists.push({ items, otherwise })
    return `${MARK}${this.#lists.length - 1}${MARK}`
  }

  /** The number, from 1, that an item of a list has among those that are written. */
  placeIn(list: string, index: number): string {
    return `${list.slice(0, -1)}.${index}${MARK}`
  }

  /** The SQL with its lists: each with what is needed, or with all that it may have. */
  written(sql: string, { isWhole = false }: { readonly isWhole?: boolean } = {}): string {
    const kept = this.#lists.map(({ items }) => new Set(isWhole ? items.keys() : []))
    const places = new Map<string, { readonly list: number; readonly index: number; readonly sql: string }[]>()
    for (const [list, { items }] of this.#lists.entries())
      for (const [index, item] of items.entries())
        places.set(item.alias, [...(places.get(item.alias) ?? []), { list, index, sql: item.sql }])
    const used = new Set<string>()
    const waiting = [sql]
    for (let text = waiting.pop(); text !== undefined; text = waiting.pop())
      for (const [alias] of text.matchAll(/\bc\d+\b/g)) {
        if (used.has(alias)) continue
        used.add(alias)
        for (const place of places.get(alias) ?? []) {
          kept[place.list]?.add(place.index)
          waiting.push(place.sql)
        }
      }
    return this.#expanded(sql, kept)
  }

  #expanded(sql: string, kept: readonly ReadonlySet<number>[]): string {
    return sql.replaceAll(LISTS, (_, number: string, index: string | undefined) => {
      const indexes = [...(kept[Number(number)] ?? [])].toSorted((one, other) => one - other)
      if (index !== undefined) return String(indexes.indexOf(Number(index)) + 1)
      const { items, otherwise } = this.#lists[Number(number)] ?? { items: [], otherwise: '1' }
      const parts = indexes.map((one) => this.#expanded(items[one]?.sql ?? '', kept))
      return parts.join(', ') || otherwise
    })
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
