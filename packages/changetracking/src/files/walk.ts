import type { FileEntry } from '@tidemark/model'

import type { Gap } from '../collector.ts'
import type { Disk, FileFacts } from '../host/disk.ts'
import { bytesOf, type PathBytes, pathFromText, shownPath } from './file-name.ts'
import { type PathPattern, pathPattern, type Walk } from './pattern.ts'

/** A path that an entry asks for. */
export interface FoundPath {
  readonly path: PathBytes
  /** Of the path itself; of the target where a link was followed. */
  readonly facts: FileFacts
  /** Where the link leads, for a symbolic link. */
  readonly linkTarget?: PathBytes
}

/** Folders inside one another that a walk goes down. */
export const DEPTH_MAX = 256

interface Tour {
  readonly disk: Disk
  readonly entry: FileEntry
  readonly pattern: PathPattern
  readonly onGap: (gap: Gap) => void
  /** Real folders that were reached through a link, so that each is walked once. */
  readonly followed: Set<string>
}

/**
 * Everything on disk that one entry asks for, in the order of names. What cannot be looked at is told to `onGap` and the
 * walk goes on. A path that is not there is no gap.
 */
export async function* walkEntry(
  disk: Disk,
  entry: FileEntry,
  onGap: (gap: Gap) => void,
): AsyncGenerator<FoundPath, void> {
  const pattern = pathPattern(entry)
  const tour: Tour = { disk, entry, pattern, onGap, followed: new Set() }
  const base = pathFromText(pattern.base)
  if (pattern.literal === undefined) return yield* walkFolder(tour, { path: base, walk: pattern.start, above: [] })
  const found = look(tour, base)
  if (found === undefined) return
  if (found.facts.kind === 'directory') {
    if (isWanted(entry, found.facts)) yield found
    yield* walkFolder(tour, { path: base, walk: pattern.literal.everything, above: [] })
  } else if (isWanted(entry, found.facts)) yield found
}

interface Folder {
  readonly path: PathBytes
  readonly walk: Walk
  /** `device:inode` of the folders above, against links that lead back up. */
  readonly above: readonly string[]
}

async function* walkFolder(tour: Tour, folder: Folder): AsyncGenerator<FoundPath, void> {
  if (folder.above.length > DEPTH_MAX) return tour.onGap(tooDeep(folder.path))
  const self = identityOf(tour, folder.path)
  if (self === undefined || folder.above.includes(self)) return
  for (const name of namesIn(tour, folder.path)) {
    await tour.disk.breathe()
    const walk = tour.pattern.step(folder.walk, shownPath(name))
    if (!walk.isMatch && !walk.mayDescend) continue
    const path = folder.path === '/' ? `/${name}` : `${folder.path}/${name}`
    const found = look(tour, path)
    if (found === undefined) continue
    if (walk.isMatch && isWanted(tour.entry, found.facts)) yield found
    if (walk.mayDescend && found.facts.kind === 'directory' && mayEnter(tour, found))
      yield* walkFolder(tour, { path, walk, above: [...folder.above, self] })
  }
}

/** What a path is, by the entry's policy for links; `undefined` where it is left out, gone, or could not be seen. */
function look(tour: Tour, path: PathBytes): FoundPath | undefined {
  return seen(tour, path, () => {
    const facts = tour.disk.facts(bytesOf(path), { isFollowed: false })
    if (facts.kind !== 'link') return { path, facts }
    if (tour.entry.links === 'Ignore') return undefined
    const linkTarget = tour.disk.linkTarget(bytesOf(path))
    if (tour.entry.links === 'Manage') return { path, facts, linkTarget }
    return { path, facts: targetFacts(tour, path) ?? facts, linkTarget }
  })
}

/** Of what the link leads to; `undefined` where it leads nowhere or round and round: then the link itself is recorded. */
function targetFacts(tour: Tour, path: PathBytes): FileFacts | undefined {
  try {
    return tour.disk.facts(bytesOf(path), { isFollowed: true })
  } catch (error) {
    if (['ENOENT', 'ELOOP', 'ENOTDIR'].includes(codeOf(error))) return undefined
    throw error
  }
}

/** A folder behind a link is entered once, and not where the walk comes to it anyway. */
function mayEnter(tour: Tour, found: FoundPath): boolean {
  if (found.linkTarget === undefined) return true
  const real = seen(tour, found.path, () => tour.disk.realPath(bytesOf(found.path)))
  if (real === undefined) return false
  const base = pathFromText(tour.pattern.base)
  if (tour.entry.recurse && (real === base || real.startsWith(base === '/' ? '/' : `${base}/`))) return false
  if (tour.followed.has(real)) return false
  tour.followed.add(real)
  return true
}

function namesIn(tour: Tour, path: PathBytes): string[] {
  return seen(tour, path, () => tour.disk.names(bytesOf(path))) ?? []
}

function identityOf(tour: Tour, path: PathBytes): string | undefined {
  return seen(tour, path, () => {
    const { device, inode } = tour.disk.facts(bytesOf(path), { isFollowed: true })
    return `${device}:${inode}`
  })
}

/** What is gone by now was never there; anything else that keeps us from looking is told. */
function seen<T>(tour: Tour, path: PathBytes, action: () => T): T | undefined {
  try {
    return action()
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'ENOTDIR') tour.onGap(unreadable(path, error))
    return undefined
  }
}

/** A gap for a path that could not be looked at, and for everything below it. */
export function unreadable(path: PathBytes, error: unknown): Gap {
  const why =
    codeOf(error) === 'EACCES' || codeOf(error) === 'EPERM' ? 'this account may not read it' : messageOf(error)
  const detail = `${shownPath(path)} cannot be looked at: ${why}; it stays as last seen`
  return { reason: 'unreadable', subject: shownPath(path), detail, key: path }
}

function tooDeep(path: PathBytes): Gap {
  const detail = `${shownPath(path)} is more than ${DEPTH_MAX} folders deep; what is below it is not tracked`
  return { reason: 'limit-reached', subject: shownPath(path), detail, key: path }
}

function isWanted(entry: FileEntry, facts: FileFacts): boolean {
  if (entry.type === '*') return true
  return entry.type === 'Directory' ? facts.kind === 'directory' : facts.kind !== 'directory'
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
