import type { CompileOptions, KqlTable } from './contract.ts'

type Tables = Readonly<Record<string, KqlTable>>

/** Sets of tables that are remembered for one set of stored ones: the analyzer's view of each is some work. */
const SETS_MAX = 64

const setsOf = new WeakMap<Tables, Map<string, Tables>>()

/** The stored tables, and the empty ones that the text names. The same object for the same names. */
export function tablesNamedIn(text: string, { tables, emptyTables = {} }: CompileOptions): Tables {
  const words = new Set(text.match(/[A-Za-z_]\w*/g))
  const named = Object.keys(emptyTables).filter((name) => words.has(name) && !Object.hasOwn(tables, name))
  if (named.length === 0) return tables
  const sets = setsOf.get(tables) ?? new Map<string, Tables>()
  setsOf.set(tables, sets)
  const key = named.join(' ')
  const known = sets.get(key)
  if (known) return known
  if (sets.size >= SETS_MAX) sets.clear()
  const together = { ...tables, ...Object.fromEntries(named.flatMap((name) => entryOf(name, emptyTables[name]))) }
  sets.set(key, together)
  return together
}

function entryOf(name: string, table: KqlTable | undefined): (readonly [string, KqlTable])[] {
  return table === undefined ? [] : [[name, table]]
}
