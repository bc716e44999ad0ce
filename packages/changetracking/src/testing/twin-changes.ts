import { BEGUN_MAX } from '../files/files-keeper.ts'
import type { TrackedSet } from '../files/scan/scan.ts'
import { FilesTwin, type TwinFile, type TwinSight } from './files-twin.ts'
import { TwinPatterns, type TwinWorld } from './twin-patterns.ts'

/** One change as a test compares it. */
export type TwinChange = string

/** How a look went. */
export interface TwinLook {
  /** The paths that it is about; absent: all. */
  readonly only?: ReadonlySet<string>
  /** Paths of which something was kept. */
  readonly kept: ReadonlySet<string>
  /** Whether it went to its end; what was not kept is not known otherwise. */
  readonly isDone: boolean
}

/** What is known of a tree, and the changes that a look must tell: the naive twin of comparing. */
export class TwinMemory {
  readonly #world: TwinWorld
  readonly known = new Map<string, TwinFile>()
  #before: TrackedSet | undefined
  /** Paths that could not be seen then, each with all below it. */
  #hidden: readonly string[] = []
  /** Rules of looks at some paths since then. */
  #begun: TrackedSet[] = []

  constructor(world: TwinWorld) {
    this.#world = world
  }

  #see(tracked: TrackedSet): TwinSight {
    return FilesTwin.see(tracked, this.#world)
  }

  /** Paths that are not as they are known, and whether anything is hidden. */
  differing(tracked: TrackedSet): { readonly paths: readonly string[]; readonly isAllSeen: boolean } {
    const seen = this.#see(tracked)
    const differs = (path: string): boolean =>
      JSON.stringify(this.known.get(path)) !== JSON.stringify(seen.files.get(path))
    const paths = [...new Set([...this.known.keys(), ...seen.files.keys()])].filter(differs)
    const isAllSeen = seen.blindPaths.length + seen.blindFolders.length === 0
    return { paths: paths.filter((path) => seen.files.has(path) || !isBlind(seen, path)), isAllSeen }
  }

  /** The changes that a look has to tell now, of what it then knows. */
  look(tracked: TrackedSet, { only, kept, isDone }: TwinLook): TwinChange[] {
    const isKept = (path: string): boolean => isDone || kept.has(path)
    const seen = this.#see(tracked)
    const now = seen.files
    const before = this.#before
    const others = [before, ...this.#begun].filter((set) => JSON.stringify(set) !== JSON.stringify(tracked))
    const then = others.map((set) => (set === undefined ? new Map<string, TwinFile>() : this.#see(set).files))
    const wasAsked = (path: string): boolean =>
      then.every((files) => files.has(path)) && !this.#hidden.some((one) => path === one || isBelow(path, one))
    const isLeft = (path: string): boolean => then.some((files) => files.has(path))
    const patterns = TwinPatterns.of(tracked.entries, tracked.excludes, this.#world)
    const changes: PathChange[] = []
    const [came, went]: [TwinFile[], TwinFile[]] = [[], []]
    for (const path of [...new Set([...now.keys(), ...this.known.keys()])].sort()) {
      if (only?.has(path) === false) continue
      const [known, file] = [this.known.get(path), now.get(path)]
      if (file === undefined && isBlind(seen, path)) continue
      if (known && file) changes.push(...compared(known, file, wasAsked(path) ? then[0]?.get(path) : undefined))
      else if (file && wasAsked(path)) came.push(file)
      else if (known && !isLeft(path) && wasWanted(known, tracked, patterns)) went.push(known)
      if (file && isKept(path)) this.known.set(path, file)
      else if (isKept(path)) this.known.delete(path)
    }
    if (only === undefined && isDone) {
      ;[this.#before, this.#begun] = [tracked, []]
      this.#hidden = [...seen.blindPaths, ...seen.blindFolders]
    } else if (kept.size > 0) this.#begin(tracked)
    const told = [...changes, ...moves(came, went)].filter(({ path }) => isKept(path))
    return told.map(({ text }) => text).sort()
  }

  #begin(tracked: TrackedSet): void {
    const text = JSON.stringify(tracked)
    if (this.#before === undefined || [this.#before, ...this.#begun].some((set) => JSON.stringify(set) === text)) return
    if (this.#begun.length >= BEGUN_MAX) this.#before = undefined
    else this.#begun.push(tracked)
    if (this.#before === undefined) this.#begun = []
  }
}

/** Whether what is gone would still be asked for. */
function wasWanted(then: TwinFile, { entries }: TrackedSet, patterns: TwinPatterns): boolean {
  return entries.some(({ type, links }, index) => {
    if (!patterns.asks(index, then.path)) return false
    if (type !== '*' && (type === 'Directory') !== (then.kind === 'Directory')) return false
    if (!then.isLink) return true
    if (links === 'Ignore') return false
    return then.kind === 'Link' || links === 'Follow'
  })
}

/** Whether a look cannot say anything of a path that it does not find. */
function isBlind({ blindPaths, blindFolders }: TwinSight, path: string): boolean {
  return blindPaths.some((one) => path === one || isBelow(path, one)) || blindFolders.some((one) => isBelow(path, one))
}

function isBelow(path: string, folder: string): boolean {
  return path.startsWith(`${folder}/`)
}

interface PathChange {
  readonly path: string
  readonly text: TwinChange
}

function compared(then: TwinFile, now: TwinFile, asked: TwinFile | undefined): PathChange[] {
  // With another policy for links something else is looked at.
  if (now.isLink && asked !== undefined && asked.links !== now.links) return []
  const isFolder = then.kind === 'Directory' && now.kind === 'Directory'
  const isContentCompared = then.method === now.method || then.method === 'none' || now.method === 'none'
  const fields = differing(then, now).filter((field) => {
    if (field === 'FileContentChecksum') return isContentCompared
    return !(isFolder && (field === 'DateModified' || field === 'DateChanged'))
  })
  const text = `Modified ${now.path} (${fields.join(', ')})`
  return fields.length === 0 ? [] : [{ path: now.path, text }]
}

function differing(then: TwinFile, now: TwinFile): string[] {
  const fields = [...new Set([...Object.keys(then.columns), ...Object.keys(now.columns)])].sort()
  return fields.filter((field) => (then.columns[field] ?? '') !== (now.columns[field] ?? ''))
}

/** Of several names of one inode the last that went and the last that came are one file that was renamed. */
function moves(came: readonly TwinFile[], went: readonly TwinFile[]): PathChange[] {
  const to = new Map(came.map((file) => [file.identity, file]))
  const from = new Map(went.map((file) => [file.identity, file]))
  const changes: PathChange[] = []
  const isMoved = new Set<TwinFile>()
  for (const [identity, then] of from) {
    const now = to.get(identity)
    if (now === undefined || !isSameContent(then, now)) continue
    isMoved.add(then).add(now)
    const names = then.path.split('/').at(-1) === now.path.split('/').at(-1) ? [] : ['Name']
    const fields = ['FileSystemPath', ...names, ...differing(then, now)].sort()
    changes.push({ path: now.path, text: `Modified ${then.path} -> ${now.path} (${fields.join(', ')})` })
  }
  for (const { path } of came.filter((file) => !isMoved.has(file))) changes.push({ path, text: `Added ${path}` })
  for (const { path } of went.filter((file) => !isMoved.has(file))) changes.push({ path, text: `Removed ${path}` })
  return changes
}

function isSameContent(then: TwinFile, now: TwinFile): boolean {
  const [before, after] = [then.columns, now.columns]
  if (before['FileContentChecksum'] !== after['FileContentChecksum'] || before['Size'] !== after['Size']) return false
  const isRead = ({ method }: TwinFile): boolean => method === 'sha256' || method === 'md5'
  if (isRead(then) || isRead(now)) return then.method === now.method
  return before['DateModified'] === after['DateModified']
}
