import type { Collection, Collector, CollectorRule, Gap, Item, Known } from '../collector.ts'
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
  if (found.unseen !== undefined || found.items.size > 0 || !SYSTEMS.has(name)) return renamed(name, found, known)
  if (itemsOf(name, known).length > 0) return unseenSource(name, 'it has no package any more')
  // The tools alone (rpm on a Debian, say) have an empty database, which is none.
  return (found.unsettled?.size ?? 0) > 0 ? found : undefined
}

/** A package that is there once, before and now, keeps its key, also with another architecture: that is no other package. */
function renamed(name: SoftwareSource, found: Found, known: Known): Found {
  const news = [...found.items].filter(([key]) => known.get(key) === undefined)
  if (news.length === 0) return found
  const before = itemsByName(itemsOf(name, known))
  if (before.size === 0) return found
  const now = itemsByName(found.items)
  const items = new Map(found.items)
  for (const [key, item] of news) {
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
  const items = new Map<string, Item>()
  const gaps: Gap[] = []
  const [unsettled, unseen, notes] = [new Set<string>(), new Set<string>(), [] as string[]]
  for (const source of sources) {
    for (const [key, item] of source.items) items.set(keyOf(key), item)
    for (const key of source.unsettled ?? []) unsettled.add(keyOf(key))
    for (const fingerprint of source.unseen ?? []) unseen.add(fingerprint)
    gaps.push(...source.gaps)
    notes.push(...(source.notes ?? []))
  }
  return { items, unsettled, unseen, notes, gaps, isComplete: true }
}

/** Keys are kept with one character for each byte. */
function keyOf(key: string): string {
  return Buffer.from(key, 'utf8').toString('latin1')
}
