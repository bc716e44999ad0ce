import { createHash } from 'node:crypto'

import type { FileEntry } from '@tidemark/model'

import type { Collection, Collector, Gap, Item, Known } from '../collector.ts'
import type { Disk, FileFacts } from '../host/disk.ts'
import { fileChange } from './change.ts'
import { fileItem, type Owners, stampOf } from './file-item.ts'
import { bytesOf } from './file-name.ts'
import { parseNames } from './owners.ts'
import { codeOf, type FoundPath, unreadable, walkEntry } from './walk.ts'

/** Gaps that one look tells; more are counted in one that names the limit. */
export const GAPS_MAX = 1_000

/** One fingerprint for each way of looking: an entry that is worded anew looks anew, and begins with a baseline. */
export function entryFingerprint(entry: FileEntry): string {
  const { destinationPath, recurse, pathType, type, links, checksum } = entry
  return createHash('sha256')
    .update(JSON.stringify([destinationPath, recurse, pathType, type, links, checksum]))
    .digest('hex')
    .slice(0, 16)
}

/** The files that the entries ask for, which `entries` gives anew for each look (disabled ones left out). */
export function filesCollector(disk: Disk, entries: () => readonly FileEntry[]): Collector {
  return {
    type: 'Files',
    coverage: () => entries().map(entryFingerprint),
    change: fileChange,
    collect: async (known, signal) => await collect(disk, { entries: entries(), known, signal }),
  }
}

async function collect(
  disk: Disk,
  look: { readonly entries: readonly FileEntry[]; readonly known: Known; readonly signal: AbortSignal },
): Promise<Collection> {
  const owners = { users: parseNames(disk.text('/etc/passwd')), groups: parseNames(disk.text('/etc/group')) }
  const items = new Map<string, Item>()
  const gaps = new Map<string, Gap>()
  const onGap = (gap: Gap): void => void gaps.set(gap.subject, gap)
  for (const entry of look.entries) {
    const fingerprint = entryFingerprint(entry)
    for await (const found of walkEntry(disk, entry, onGap)) {
      look.signal.throwIfAborted()
      const before = items.get(found.path)
      if (before) items.set(found.path, { ...before, coveredBy: [...before.coveredBy, fingerprint] })
      else {
        const item = lookAt(disk, { found, entry, fingerprint, known: look.known.get(found.path), owners, onGap })
        if (item) items.set(found.path, item)
      }
    }
  }
  return { items, gaps: bounded([...gaps.values()]), isComplete: true }
}

interface Sight {
  readonly found: FoundPath
  readonly entry: FileEntry
  readonly fingerprint: string
  readonly known: Item | undefined
  readonly owners: Owners
  readonly onGap: (gap: Gap) => void
}

function lookAt(disk: Disk, sight: Sight): Item | undefined {
  const { found, entry, fingerprint, known, owners, onGap } = sight
  const coveredBy = [fingerprint]
  const isUntouched = known?.coveredBy[0] === fingerprint && hasStamp(known, found.facts)
  if (isUntouched && known !== undefined) {
    const checksum = String(known.columns.FileContentChecksum ?? '')
    return fileItem(found, { facts: found.facts, checksum, method: entry.checksum, coveredBy }, owners)
  }
  try {
    return fileItem(found, { ...content(disk, found, entry), method: entry.checksum, coveredBy }, owners)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') onGap(unreadable(found.path, error))
    return undefined
  }
}

function hasStamp(known: Item, facts: FileFacts): boolean {
  return Object.entries(stampOf(facts)).every(([name, value]) => known.facts?.[name] === value)
}

function content(disk: Disk, found: FoundPath, entry: FileEntry): { facts: FileFacts; checksum: string } {
  if (found.facts.kind !== 'file') return { facts: found.facts, checksum: '' }
  // With `mtime` the comparison of DateModified does it; a change time has no column of its own.
  if (entry.checksum === 'mtime') return { facts: found.facts, checksum: '' }
  if (entry.checksum === 'ctime') return { facts: found.facts, checksum: `ctime:${found.facts.changedNs}` }
  const { hex, facts } = disk.digest(bytesOf(found.path), entry.checksum)
  return { facts, checksum: hex }
}

function bounded(gaps: readonly Gap[]): Gap[] {
  if (gaps.length <= GAPS_MAX) return [...gaps]
  const rest = gaps.length - GAPS_MAX
  const detail = `${rest} more paths cannot be looked at; the first ${GAPS_MAX} are told one by one`
  // Their keys still count: what was not seen must not be taken for removed.
  return [
    ...gaps.slice(0, GAPS_MAX),
    ...gaps.slice(GAPS_MAX).map((gap, index) => ({
      ...gap,
      reason: 'limit-reached' as const,
      subject: 'files',
      detail: index === 0 ? detail : '',
    })),
  ]
}
