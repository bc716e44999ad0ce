import type { Parsed, Problem } from '@tidemark/base'
import type { TrackedType } from '@tidemark/model'

/** One thing of a collection: names to text, as it came. */
export type CollectionItem = Readonly<Record<string, string>>

/** All things of one type that a machine had at a moment (protocol: V1 payloads). */
export interface Collection {
  readonly type: TrackedType
  readonly computer: string
  /** ISO 8601. */
  readonly collectedAt: string
  /** Whether it was sent because it was time, and not because something differed. */
  readonly isSnapshot: boolean
  /** By `CollectionName`, which tells a thing from all others of its type. */
  readonly items: ReadonlyMap<string, CollectionItem>
}

/** Things of one collection. */
export const ITEMS_MAX = 100_000

const TYPES: ReadonlyMap<unknown, TrackedType> = new Map([
  ['Software.Packages', 'Software'],
  ['Daemons', 'Daemons'],
  ['Files', 'Files'],
])

/** Reads the `DataItems` of an upload of CONFIG_CHANGE_BLOB: total, with the place of each mistake. */
export function parseCollections(items: unknown): Parsed<readonly Collection[]> {
  if (!Array.isArray(items)) return { kind: 'rejected', problems: [{ where: 'DataItems', message: 'is no array' }] }
  const read = items.map((item: unknown, index) => parseCollection(item, `DataItems[${index}]`))
  const problems = read.flatMap((one) => (one.kind === 'rejected' ? one.problems : []))
  if (problems.length > 0) return { kind: 'rejected', problems }
  return { kind: 'parsed', value: read.flatMap((one) => (one.kind === 'parsed' ? [one.value] : [])) }
}

function parseCollection(item: unknown, where: string): Parsed<Collection> {
  if (!isRecord(item)) return rejected({ where, message: 'is no object' })
  const type = TYPES.get(item['ConfigChangeType'])
  if (type === undefined)
    return rejected({ where: `${where}.ConfigChangeType`, message: `is none of ${[...TYPES.keys()].join(', ')}` })
  const { Timestamp: timestamp, Computer: computer, Collections: things } = item
  const moment = typeof timestamp === 'string' ? Date.parse(timestamp) : Number.NaN
  if (Number.isNaN(moment)) return rejected({ where: `${where}.Timestamp`, message: 'is no time (ISO 8601)' })
  if (!Array.isArray(things)) return rejected({ where: `${where}.Collections`, message: 'is no array' })
  if (things.length > ITEMS_MAX)
    return rejected({ where: `${where}.Collections`, message: `has more than ${ITEMS_MAX} things` })
  const byName = new Map<string, CollectionItem>()
  for (const [index, thing] of things.entries()) {
    const read = isRecord(thing) ? texts(thing) : {}
    const name = read['CollectionName'] ?? read['FileSystemPath'] ?? read['Name'] ?? ''
    if (name === '') return rejected({ where: `${where}.Collections[${index}]`, message: 'has no CollectionName' })
    byName.set(name, read)
  }
  const isSnapshot =
    isTrue(item['IsInventorySnapshot']) || things.some((one) => isRecord(one) && isTrue(one['IsInventorySnapshot']))
  return {
    kind: 'parsed',
    value: {
      type,
      computer: typeof computer === 'string' ? computer : '',
      collectedAt: new Date(moment).toISOString(),
      isSnapshot,
      items: byName,
    },
  }
}

function texts(thing: Readonly<Record<string, unknown>>): CollectionItem {
  const pairs = Object.entries(thing).filter(([name]) => name !== 'IsInventorySnapshot' && name !== '__proto__')
  return Object.fromEntries(
    pairs.flatMap(([name, value]) =>
      value === null || value === undefined
        ? []
        : [[name, typeof value === 'string' ? value : JSON.stringify(value)] as const],
    ),
  )
}

function isTrue(value: unknown): boolean {
  return value === true || (typeof value === 'string' && value.toLowerCase() === 'true')
}

function rejected(problem: Problem): Parsed<never> {
  return { kind: 'rejected', problems: [problem] }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
