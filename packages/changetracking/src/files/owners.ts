/** Names for the numbers of users and groups. */
export interface Owners {
  readonly users: ReadonlyMap<number, string>
  readonly groups: ReadonlyMap<number, string>
}

/** Names of users and groups by their numbers, from the text of /etc/passwd or /etc/group (passwd(5), group(5)). */
export function parseNames(text: string): ReadonlyMap<number, string> {
  const names = new Map<number, string>()
  for (const line of text.split('\n')) {
    const [name = '', , number = ''] = line.split(':')
    // The first of several names for one number wins, as in getpwuid(3).
    if (name !== '' && /^\d+$/.test(number) && !names.has(Number(number))) names.set(Number(number), name)
  }
  return names
}

/** Who has no name is told by the number. */
export function nameFor(names: ReadonlyMap<number, string>, id: number): string {
  return names.get(id) ?? String(id)
}
