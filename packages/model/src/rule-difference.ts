/** One thing in which two documents differ; one side is absent where there is nothing. */
export interface RuleDifference {
  /** JSON path; elements with a name stand under it: `fileSettings.fileInfo["ssh"].recurse`. */
  readonly where: string
  readonly kind: 'added' | 'removed' | 'changed' | 'moved'
  readonly before?: unknown
  readonly after?: unknown
}

/** Three versions of a document. */
export interface ThreeWays {
  /** What both began with. */
  readonly base: unknown
  readonly mine: unknown
  readonly theirs: unknown
}

/** Two changes of one document, together. */
export interface Merged {
  readonly document: unknown
  /** JSON paths where both changed the same differently: there `document` has mine. */
  readonly conflicts: readonly string[]
}

/**
 * In what two JSON documents differ, in their order. Lists whose elements all have names of their own (entries,
 * destinations, extensions) are compared by name, so that an entry that moved is one difference; other lists are compared
 * as a whole.
 */
export function ruleDifferences(before: unknown, after: unknown): RuleDifference[] {
  return differencesAt('', before, after)
}

/** Puts together what two people did to one document. Where both say the same, or only one says anything, nobody is asked. */
export function mergeRules(ways: ThreeWays): Merged {
  const conflicts: string[] = []
  return { document: mergeAt('', ways, conflicts), conflicts }
}

/** Whether two JSON values are the same; the order of an object's keys does not count. */
export function isSameJson(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((element, index) => isSameJson(element, other[index]))
  if (!isRecord(one) || !isRecord(other)) return false
  const keys = Object.keys(one)
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && isSameJson(one[key], other[key]))
  )
}

type Members = ReadonlyMap<string, unknown>

function differencesAt(where: string, before: unknown, after: unknown): RuleDifference[] {
  if (isSameJson(before, after)) return []
  const [old, now] = [membersOf(before), membersOf(after)]
  if (old === undefined || now === undefined || old.isList !== now.isList)
    return [{ where, kind: 'changed', before, after }]
  const found = [...new Set([...old.members.keys(), ...now.members.keys()])].flatMap((key): RuleDifference[] => {
    const place = placeOf(where, key, old.isList)
    if (!old.members.has(key)) return [{ where: place, kind: 'added', after: now.members.get(key) }]
    if (!now.members.has(key)) return [{ where: place, kind: 'removed', before: old.members.get(key) }]
    return differencesAt(place, old.members.get(key), now.members.get(key))
  })
  return old.isList ? [...found, ...movesAt(where, old.members, now.members)] : found
}

/** The order of entries counts: the first one that asks for a path says how it is looked at. */
function movesAt(where: string, old: Members, now: Members): RuleDifference[] {
  const before = [...old.keys()].filter((name) => now.has(name))
  const after = [...now.keys()].filter((name) => old.has(name))
  return isSameJson(before, after) ? [] : [{ where, kind: 'moved', before, after }]
}

/** What is in an object by key, or in a list by name; undefined for what has no members to speak of. */
function membersOf(value: unknown): { readonly isList: boolean; readonly members: Members } | undefined {
  if (isRecord(value)) return { isList: false, members: new Map(Object.entries(value)) }
  if (!Array.isArray(value) || value.length === 0) return undefined
  const members = new Map<string, unknown>()
  for (const element of value) if (isNamed(element)) members.set(element.name, element)
  return members.size === value.length ? { isList: true, members } : undefined
}

function mergeAt(where: string, ways: ThreeWays, conflicts: string[]): unknown {
  const { base, mine, theirs } = ways
  if (isSameJson(mine, theirs) || isSameJson(base, theirs)) return mine
  if (isSameJson(base, mine)) return theirs
  const [own, other] = [membersOf(mine), membersOf(theirs)]
  if (own === undefined || other === undefined || own.isList !== other.isList) {
    conflicts.push(where)
    // What one took away and the other changed is kept: taking away can be done again.
    return mine === undefined ? theirs : mine
  }
  const old = membersOf(base)
  const began = old?.isList === own.isList ? old.members : new Map<string, unknown>()
  const members = [...new Set([...other.members.keys(), ...own.members.keys()])].flatMap((key): [string, unknown][] => {
    const inside = { base: began.get(key), mine: own.members.get(key), theirs: other.members.get(key) }
    const value = mergeAt(placeOf(where, key, own.isList), inside, conflicts)
    return value === undefined ? [] : [[key, value]]
  })
  return own.isList ? members.map(([, value]) => value) : Object.fromEntries(members)
}

function placeOf(where: string, key: string, isList: boolean): string {
  if (isList) return `${where}[${JSON.stringify(key)}]`
  return where === '' ? key : `${where}.${key}`
}

function isNamed(value: unknown): value is { readonly name: string } {
  return isRecord(value) && typeof value['name'] === 'string'
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
