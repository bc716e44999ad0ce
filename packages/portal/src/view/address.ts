/** Reads what stands behind the question mark of an address: a name that is there several times has a list. */
export function parseAddress(text: string): Record<string, unknown> {
  const found: Record<string, unknown> = {}
  const parameters = new URLSearchParams(text)
  for (const name of new Set(parameters.keys())) {
    const values = parameters.getAll(name)
    found[name] = values.length === 1 ? values[0] : values
  }
  return found
}

/** Writes it: `?type=Files&type=Daemons`; empty where there is nothing to write. */
export function addressText(search: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(search).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value])
      .filter((one) => one !== undefined)
      .map((one): [string, string] => [name, String(one)]),
  )
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`
}

/** A text of the address; undefined for what is none, or empty. Numbers are texts here: `machine=7` is a name. */
export function textIn(value: unknown): string | undefined {
  return (typeof value === 'string' || typeof value === 'number') && value !== '' ? String(value) : undefined
}

/** One text or several; undefined where there is none. */
export function listIn(value: unknown): readonly string[] | undefined {
  const all: readonly unknown[] = Array.isArray(value) ? value : [value]
  const texts = all.map(textIn).filter((text) => text !== undefined)
  return texts.length === 0 ? undefined : [...new Set(texts)]
}

/** What stands in the address after a change to it: what is undefined is taken away. */
export function changedAddress<Search extends object>(
  before: Search,
  changed: { readonly [Name in keyof Search]?: Search[Name] | undefined },
): Search {
  const entries = Object.entries({ ...before, ...changed }).filter(
    ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
  )
  const next: Search = Object.assign(Object.create(null), Object.fromEntries(entries))
  return next
}

/** The list with a value that was not in it, or without one that was. */
export function toggled(list: readonly string[] | undefined, value: string): readonly string[] | undefined {
  const next = list?.includes(value) ? list.filter((one) => one !== value) : [...(list ?? []), value]
  return next.length === 0 ? undefined : next
}
