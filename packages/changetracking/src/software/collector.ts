import type { Collection, Collector, Gap, Item, Known } from '../collector.ts'
import type { RunCommand } from '../host/run.ts'
import { softwareChange } from './change.ts'
import { dpkgWords, parseDpkg } from './dpkg.ts'
import { parseRpm, rpmWords } from './rpm.ts'

/** Packages of dpkg and rpm, whichever is there. */
export function softwareCollector(run: RunCommand): Collector {
  return {
    type: 'Software',
    coverage: () => ['software'],
    change: softwareChange,
    collect: async (known, signal) => {
      const sources = await Promise.all([collectDpkg(run, signal), collectRpm(run, known, signal)])
      const there = sources.filter((source) => source !== undefined)
      return there.length === 0 ? noPackageManager : merged(there)
    },
  }
}

const noPackageManager: Collection = {
  items: new Map(),
  isComplete: false,
  gaps: [
    {
      reason: 'source-missing',
      subject: 'software',
      detail: 'software is not seen: neither dpkg-query nor rpm is installed here',
    },
  ],
}

async function collectDpkg(run: RunCommand, signal: AbortSignal): Promise<Collection | undefined> {
  const answer = await run('dpkg-query', dpkgWords, signal)
  if (answer.kind === 'missing') return undefined
  // Exit code 1 with no output: a database without a package, as where only the dpkg tools are installed.
  if (answer.code === 1 && answer.output === '' && /no packages found/.test(answer.complaint)) return undefined
  if (answer.code !== 0) return damaged('dpkg', answer.complaint)
  const { items, unsettled, problems } = parseDpkg(answer.output)
  // A package in a record that cannot be read is not removed: nothing is compared until all can be.
  const gaps = problems.map((problem) => damage('dpkg', problem))
  return { items, unsettled, isComplete: problems.length === 0, gaps }
}

async function collectRpm(run: RunCommand, known: Known, signal: AbortSignal): Promise<Collection | undefined> {
  const answer = await run('rpm', rpmWords, signal)
  if (answer.kind === 'missing') return undefined
  // Debian's rpm keeps a database for each account, in ~/.rpmdb: it says nothing about what is installed here.
  if (answer.code !== 0 && /\/\.rpmdb\b/.test(answer.complaint)) return undefined
  if (answer.code !== 0) return damaged('rpm', answer.complaint)
  // The rpm tool alone (on a Debian, say) has an empty database, which is none.
  if (answer.output === '') return undefined
  const { items, problems } = parseRpm(answer.output, known)
  return { items, isComplete: problems.length === 0, gaps: problems.map((problem) => damage('rpm', problem)) }
}

function damaged(source: string, complaint: string): Collection {
  return { items: new Map(), isComplete: false, gaps: [damage(source, complaint)] }
}

function damage(source: string, complaint: string): Gap {
  const detail = `the ${source} database cannot be read: ${complaint.trim().slice(0, 500)}; its packages stay as last seen`
  return { reason: 'source-damaged', subject: source, detail }
}

function merged(sources: readonly Collection[]): Collection {
  const items = new Map<string, Item>()
  const unsettled = new Set<string>()
  for (const source of sources) {
    for (const [key, item] of source.items) items.set(key, item)
    for (const key of source.unsettled ?? []) unsettled.add(key)
  }
  return {
    items,
    unsettled,
    gaps: sources.flatMap(({ gaps }) => gaps),
    isComplete: sources.every(({ isComplete }) => isComplete),
  }
}
