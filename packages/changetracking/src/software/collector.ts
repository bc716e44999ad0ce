import type { Collection, Collector, CollectorRule, Item, Known } from '../collector.ts'
import { softwareChange } from './change.ts'
import { coverageOf, type SoftwareSource } from './item.ts'
import { type Found, itemsOf, type SoftwareMachine, unseenSource } from './source.ts'
import { sourcesFor } from './sources.ts'

/** Packages of all sources, whichever are there; one that cannot be read holds up no other. */
export function softwareCollector(machine: SoftwareMachine): Collector {
  return {
    type: 'Software',
    coverage: (rules = []) => sourcesFor(rules).flatMap(({ name, folders = [] }) => coverageOf(name, folders)),
    change: softwareChange,
    collect: async (known, signal, rules = []) => await collect(machine, { known, signal, rules }),
  }
}

interface Look {
  readonly known: Known
  readonly signal: AbortSignal
  readonly rules: readonly CollectorRule[]
}

async function collect(machine: SoftwareMachine, { known, signal, rules }: Look): Promise<Collection> {
  const found = await Promise.all(
    sourcesFor(rules).map(async (source) => {
      const one = await source.collect(machine, known, signal)
      return one === undefined ? undefined : settled(source.name, one, known)
    }),
  )
  const there = found.filter((one) => one !== undefined)
  return there.length === 0 ? noPackageManager : merged(there)
}

const noPackageManager: Collection = {
  items: new Map(),
  isComplete: false,
  gaps: [
    {
      reason: 'source-missing',
      subject: 'software',
      detail: 'software is not seen: there is no database of dpkg, rpm, apk, pacman, snap or flatpak here',
    },
  ],
}

// What these have no package of any more was emptied: nobody removes the last package of a system.
const SYSTEMS: ReadonlySet<SoftwareSource> = new Set(['dpkg', 'rpm', 'apk', 'pacman'])

function settled(name: SoftwareSource, found: Found, known: Known): Found | undefined {
  const isEmpty = found.items.size === 0 && (found.unsettled?.size ?? 0) === 0
  if (found.unseen !== undefined || !isEmpty || !SYSTEMS.has(name)) return renamed(name, found, known)
  // The tools alone (rpm on a Debian, say) have an empty database, which is none.
  return itemsOf(name, known).length > 0 ? unseenSource(name, 'it has no package any more') : undefined
}

/** A package that is there once, before and now, keeps its key, also with another architecture: that is no other package. */
function renamed(name: SoftwareSource, found: Found, known: Known): Found {
  const news = [...found.items.keys()].filter((key) => known.get(key) === undefined)
  const before = itemsByName(news.length === 0 ? [] : itemsOf(name, known))
  if (before.size === 0) return found
  const now = itemsByName(found.items)
  const items = new Map(found.items)
  for (const key of news) {
    const item = found.items.get(key)
    if (item === undefined) continue
    const called = item.columns.SoftwareName
    const [one, ...others] = before.get(called) ?? []
    const isAlone = others.length === 0 && now.get(called)?.length === 1
    if (one === undefined || !isAlone || found.unsettled?.has(one[0]) === true) continue
    items.delete(key)
    items.set(one[0], item)
  }
  return { ...found, items }
}

function itemsByName(items: Iterable<[string, Item]>): Map<Item['columns']['SoftwareName'], [string, Item][]> {
  const byName = new Map<Item['columns']['SoftwareName'], [string, Item][]>()
  for (const entry of items) {
    const name = entry[1].columns.SoftwareName
    const same = byName.get(name)
    if (same === undefined) byName.set(name, [entry])
    else same.push(entry)
  }
  return byName
}

function merged(sources: readonly Found[]): Collection {
  const [only, ...others] = sources
  const items = others.length === 0 ? (only?.items ?? new Map()) : new Map(sources.flatMap((each) => [...each.items]))
  return {
    items,
    unsettled: new Set(sources.flatMap(({ unsettled = [] }) => [...unsettled])),
    unseen: new Set(sources.flatMap(({ unseen = [] }) => [...unseen])),
    notes: sources.flatMap(({ notes = [] }) => notes),
    gaps: sources.flatMap(({ gaps }) => gaps),
    isComplete: true,
  }
}
