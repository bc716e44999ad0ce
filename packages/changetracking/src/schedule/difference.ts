import type { ChangeColumns, Collection, Collector, Item } from '../collector.ts'

/** A change with what covers the item, so that it finds its rules. */
export interface FoundChange {
  readonly columns: ChangeColumns
  readonly coveredBy: readonly string[]
}

/** What one look means, compared with what is known. */
export interface Difference {
  readonly changes: readonly FoundChange[]
  /** Items to keep and (undefined) to forget. */
  readonly updates: readonly { readonly key: string; readonly item: Item | undefined }[]
  /** Everything as it is known now, by key. */
  readonly items: ReadonlyMap<string, Item>
  /** Items that were seen for the first time because something new asked for them. */
  readonly baselineCount: number
}

/**
 * Compares a look with what is known. A baseline is not a change: an item counts as changed only by what asked for it
 * then *and* now (`before` and `now` are fingerprints of the coverage; `before` is undefined at the very first look).
 * What could not be seen, or is in the middle of something, stays as it is known; what is seen for the first time where
 * nothing could be seen before is a baseline, too, for it may have been there all the time.
 */
export function difference(
  collector: Pick<Collector, 'change'>,
  look: {
    readonly known: ReadonlyMap<string, Item>
    readonly collection: Collection
    readonly before: readonly string[] | undefined
    readonly now: readonly string[]
    /** Keys that could not be seen at the last look, each with all below it. */
    readonly hiddenBefore: readonly string[]
  },
): Difference {
  const { known, collection } = look
  const before = new Set(look.before)
  const now = new Set(look.now)
  const isBelowGap = below(new Set(collection.gaps.flatMap(({ key }) => (key === undefined ? [] : [key]))))
  const wasHidden = below(new Set(look.hiddenBefore))
  const isUnseen = ({ coveredBy }: Item): boolean => coveredBy.some((each) => collection.unseen?.has(each) === true)
  const changes: FoundChange[] = []
  const updates: { key: string; item: Item | undefined }[] = []
  const items = new Map<string, Item>()
  let baselineCount = 0
  for (const [key, current] of collection.items) {
    const previous = known.get(key)
    const isJudged =
      current.coveredBy.some((fingerprint) => before.has(fingerprint)) && (previous !== undefined || !wasHidden(key))
    const columns = isJudged ? collector.change(previous, current) : undefined
    if (columns) changes.push({ columns, coveredBy: current.coveredBy })
    if (!isJudged) baselineCount += 1
    items.set(key, current)
    if (columns || !isJudged || previous === undefined || !isSame(previous, current))
      updates.push({ key, item: current })
  }
  for (const [key, previous] of known) {
    if (items.has(key)) continue
    if (collection.unsettled?.has(key) === true || isBelowGap(key) || isUnseen(previous)) {
      items.set(key, previous)
      continue
    }
    updates.push({ key, item: undefined })
    if (!previous.coveredBy.some((fingerprint) => now.has(fingerprint))) continue
    const columns = collector.change(previous, undefined)
    if (columns) changes.push({ columns, coveredBy: previous.coveredBy })
  }
  return { changes, updates, items, baselineCount }
}

/** Whether a key is one of these, or a path below one. */
function below(hidden: ReadonlySet<string>): (key: string) => boolean {
  if (hidden.size === 0) return () => false
  return (key) => {
    if (hidden.has(key) || (hidden.has('/') && key.startsWith('/'))) return true
    for (let at = key.lastIndexOf('/'); at > 0; at = key.lastIndexOf('/', at - 1))
      if (hidden.has(key.slice(0, at))) return true
    return false
  }
}

function isSame(one: Item, other: Item): boolean {
  return (
    JSON.stringify([one.columns, one.coveredBy, one.facts]) ===
    JSON.stringify([other.columns, other.coveredBy, other.facts])
  )
}
