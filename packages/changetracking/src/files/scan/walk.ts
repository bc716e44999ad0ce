import {
  closeDescriptor,
  errorNameOf,
  linkTargetAt,
  namesIn,
  NO_FOLDER,
  openFolderAt,
  STATUS_BYTES,
  statusAt,
} from '@tidemark/linux'

import type { PathBytes } from '../file-name.ts'
import type { Step, TrackedPaths } from '../tracked-paths.ts'
import { LinkedFolders } from './linked-folders.ts'
import { type FileKind, fillStamp, identityOfStatus, kindOfMode, modeOfStatus, STAMP_BYTES } from './stamp.ts'
import { StepsBehindLinks } from './steps-behind-links.ts'
import { wantedMatches } from './wanted.ts'

/** Folders inside one another that a walk goes down. */
export const DEPTH_MAX = 256

/** A path that is asked for. The stamp's buffer is used again for the next one. */
export interface FoundPath {
  readonly path: PathBytes
  /** Of the path itself; of the target where a link was followed. */
  readonly kind: FileKind
  readonly stamp: Buffer
  /** What the link says, for a symbolic link. */
  readonly linkTarget?: string
  /** Whether the facts are those of the link's target. */
  readonly isFollowed: boolean
  /** Entries that ask for it, ascending; the first one governs how it is looked at. */
  readonly matches: readonly number[]
}

/** A path that could not be looked at. */
export interface BlindSpot {
  readonly path: PathBytes
  /** Whether it is the path itself, or only what is in it. */
  readonly what: 'path' | 'contents'
  /** `EACCES`, or `too-deep`. */
  readonly why: string
}

/** Who is told of a walk. Paths come in the order of their bytes. */
export interface WalkVisitor {
  found(found: FoundPath): void
  blind(spot: BlindSpot): void
  /** A folder behind a link, which a look at some paths alone does not enter: what is known of it stands. At its place. */
  closed?(path: PathBytes): void
}

/** Names that are looked at between two pauses. */
const PAUSE_NAMES = 64

/** Nothing is there, also where the way leads round in a circle. */
const GONE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP'])

/**
 * Walks everything that some entries ask for, each path once, in the order of the paths' bytes. Synchronous; a walk is a
 * generator that pauses now and then, so that whoever drives it may wait, let others have their turn, or stop. A path that
 * is not there is no blind spot; whatever else keeps it from looking is told and the walk goes on.
 */
export class Walk {
  readonly #paths: TrackedPaths
  readonly #visitor: WalkVisitor
  readonly #links: LinkedFolders
  readonly #behindLinks: StepsBehindLinks
  readonly #status = Buffer.alloc(STATUS_BYTES)
  readonly #stamp = Buffer.alloc(STAMP_BYTES)
  /** Which of several links leads into a folder, only a walk over everything can tell. */
  readonly #isWhole: boolean
  #names = 0

  constructor(paths: TrackedPaths, visitor: WalkVisitor, isWhole = true) {
    this.#isWhole = isWhole
    this.#paths = paths
    this.#visitor = visitor
    this.#links = new LinkedFolders(paths)
    this.#behindLinks = new StepsBehindLinks(paths)
  }

  /** Real paths that were reached through links, with the paths under which they are tracked. */
  get aliases(): readonly (readonly [real: PathBytes, tracked: PathBytes])[] {
    return this.#links.aliases
  }

  /** Everything. */
  *all(): Generator<void, void> {
    const { root } = this.#paths
    if (root.matches.length > 0)
      this.#look({ folder: NO_FOLDER, name: '/', path: '/', step: root, isInLink: false, depth: 0 })
    if (root.mayDescend)
      yield* this.#folder({ folder: NO_FOLDER, name: '/', path: '/', step: root, isInLink: false, depth: 0 })
  }

  /**
   * One path alone; links on the way to it are gone through by the entries that follow links. What it gives is for
   * `inside`. Where it is gone, nothing was told of it.
   */
  one(path: PathBytes): SeenPath {
    const asked = this.#paths.at(path)
    // Nobody cares whether it could be seen.
    if (asked.matches.length === 0 && !asked.mayDescend) return { path, what: 'gone' }
    const step = this.#behindLinks.at(path) ?? this.#paths.only(asked, () => false)
    const place: Place = { folder: NO_FOLDER, name: path, path, step, isInLink: false, depth: 0 }
    let isBlind = false
    const visitor = this.#visitor
    const eyes: WalkVisitor = {
      found: (found) => visitor.found(found),
      blind: (spot) => {
        isBlind = true
        visitor.blind(spot)
      },
    }
    const seen = new Walk(this.#paths, eyes, false).#look(place)
    if (isBlind || seen?.isClosed === true) return { path, what: 'blind' }
    if (seen === undefined) return { path, what: 'gone' }
    return { path, what: seen.inner === undefined ? 'other' : 'folder', ...(seen.inner && { inner: seen.inner }) }
  }

  /** Everything in a folder that `one` has seen. */
  *inside({ path, inner }: SeenPath): Generator<void, void> {
    if (inner?.mayDescend !== true) return
    yield* this.#folder({ folder: NO_FOLDER, name: path, path, step: inner, isInLink: false, depth: 0 })
  }

  *#folder(place: Place): Generator<void, void> {
    if (place.depth > DEPTH_MAX) return this.#visitor.blind({ path: place.path, what: 'contents', why: 'too-deep' })
    const descriptor = openFolderAt(place.folder, place.name, 'followed')
    if (descriptor < 0) return this.#blind(place.path, 'contents', descriptor)
    try {
      yield* this.#contents(place, descriptor)
    } finally {
      closeDescriptor(descriptor)
    }
  }

  *#contents(place: Place, descriptor: number): Generator<void, void> {
    const prefix = place.path === '/' ? '/' : `${place.path}/`
    const inner = new Map<string, { readonly step: Step; readonly isInLink: boolean } | 'closed'>()
    for (const name of this.#order(place, descriptor)) {
      this.#names += 1
      if (this.#names % PAUSE_NAMES === 0) yield
      if (name.endsWith('/')) {
        const below = inner.get(name)
        if (below === undefined) continue
        const bare = name.slice(0, -1)
        if (below === 'closed') {
          this.#visitor.closed?.(prefix + bare)
          continue
        }
        yield* this.#folder({ folder: descriptor, name: bare, path: prefix + bare, ...below, depth: place.depth + 1 })
        continue
      }
      const step = this.#paths.step(place.step, name)
      const { isInLink, depth } = place
      const seen = this.#look({ folder: descriptor, name, path: prefix + name, step, isInLink, depth: depth + 1 })
      if (seen?.isClosed === true) inner.set(`${name}/`, 'closed')
      else if (seen?.inner?.mayDescend === true)
        inner.set(`${name}/`, { step: seen.inner, isInLink: seen.isInLink === true })
    }
  }

  /**
   * Names in the order in which their paths come: what is in a folder `a` comes behind `a-b`, for `/` is greater than
   * `-`. So each name that may be a folder is there twice, for itself and, with a slash, for what is in it.
   */
  #order(place: Place, descriptor: number): string[] {
    const order: string[] = []
    const add = (name: string, isPlainFile: boolean): void => {
      const step = this.#paths.step(place.step, name)
      if (step.matches.length > 0 || (step.mayDescend && !isPlainFile)) order.push(name)
      if (step.mayDescend && !isPlainFile) order.push(`${name}/`)
    }
    const { names } = place.step
    if (names === undefined) {
      const error = namesIn(descriptor, (name, kind) => add(name, kind === 'other'))
      if (error < 0) this.#blind(place.path, 'contents', error)
    } else for (const name of names) add(name, false)
    return order.sort()
  }

  /** Looks at one path and tells it where it is asked for; gives the step for what is in it where it is a folder to enter. */
  #look(place: Place): Seen | undefined {
    const { path, step } = place
    const error = statusAt(place.folder, place.name, 'seen', this.#status)
    if (error < 0) return this.#blind(path, 'path', error)
    const kind = kindOfMode(modeOfStatus(this.#status))
    if (kind === 'link') return this.#lookAtLink(place)
    const matches = wantedMatches(this.#paths.entries, step.matches, { kind, isLink: false })
    if (matches.length > 0) this.#tell({ path, kind, matches, isFollowed: false })
    if (kind !== 'folder' || !step.mayDescend) return {}
    // Inside of a link a folder may be one that was walked already.
    if (place.isInLink && this.#links.wasEntered(identityOfStatus(this.#status))) return {}
    return { inner: step, isInLink: place.isInLink }
  }

  #lookAtLink(place: Place): Seen | undefined {
    const { path, step } = place
    const { entries } = this.#paths
    const linkTarget = linkTargetAt(place.folder, place.name)
    if (typeof linkTarget === 'number') return this.#blind(path, 'path', linkTarget)
    const follows = (entry: number): boolean => entries[entry]?.links === 'Follow' || this.#links.isWayTo(entry, path)
    if (!step.matches.some(follows) && !(step.mayDescend && this.#paths.only(step, follows).mayDescend)) {
      this.#tellLink(place, linkTarget)
      return {}
    }
    fillStamp(this.#status, this.#stamp)
    const error = statusAt(place.folder, place.name, 'followed', this.#status)
    if (error < 0 && !GONE.has(errorNameOf(error))) return this.#blind(path, 'path', error)
    if (error < 0) {
      this.#tellLink(place, linkTarget, true)
      return {}
    }
    const kind = kindOfMode(modeOfStatus(this.#status))
    this.#tellFollowed(place, { linkTarget, kind })
    if (kind !== 'folder') return {}
    if (!this.#isWhole) return { isClosed: true }
    const inner = this.#links.enter(path, {
      step: this.#paths.only(step, follows),
      identity: identityOfStatus(this.#status),
    })
    return inner === undefined ? {} : { inner, isInLink: true }
  }

  /** The link itself: for entries that manage links, and for all that follow one that leads nowhere. */
  #tellLink(place: Place, linkTarget: string, isDangling = false): void {
    const matches = wantedMatches(this.#paths.entries, place.step.matches, { kind: 'link', isLink: true, isDangling })
    if (matches.length === 0) return
    if (isDangling)
      this.#visitor.found({
        path: place.path,
        kind: 'link',
        stamp: this.#stamp,
        linkTarget,
        matches,
        isFollowed: false,
      })
    else this.#tell({ path: place.path, kind: 'link', matches, isFollowed: false, linkTarget })
  }

  /** Of several entries the first decides whether the link or its target is recorded. */
  #tellFollowed(place: Place, { linkTarget, kind }: { readonly linkTarget: string; readonly kind: FileKind }): void {
    const { entries } = this.#paths
    const followed = wantedMatches(entries, place.step.matches, { kind, isLink: true })
    const managed = wantedMatches(entries, place.step.matches, { kind: 'link', isLink: true })
    const matches = [...new Set([...followed, ...managed])].sort((one, other) => one - other)
    const first = matches[0]
    if (first === undefined) return
    if (followed.includes(first)) {
      this.#links.target(place.path, linkTarget)
      this.#tell({ path: place.path, kind, matches, isFollowed: true, linkTarget })
    } else
      this.#visitor.found({
        path: place.path,
        kind: 'link',
        stamp: this.#stamp,
        linkTarget,
        matches,
        isFollowed: false,
      })
  }

  /** The path itself, or what a link leads to, as the status says. */
  #tell({ path, kind, matches, isFollowed, linkTarget }: Omit<FoundPath, 'stamp'>): void {
    const stamp = this.#stamp
    fillStamp(this.#status, stamp)
    const found = { path, kind, stamp, isFollowed, matches }
    this.#visitor.found(linkTarget === undefined ? found : { ...found, linkTarget })
  }

  /** What is gone by now was never there; anything else that keeps us from looking is told. */
  #blind(path: PathBytes, what: BlindSpot['what'], error: number): undefined {
    const why = errorNameOf(error)
    if (!GONE.has(why)) this.#visitor.blind({ path, what, why })
  }
}

/** What `one` saw. */
export interface SeenPath {
  readonly path: PathBytes
  /** `gone`: it is not there, or nobody asks for it. `blind`: it could not be looked at. `folder`: something in it may be asked for. */
  readonly what: 'gone' | 'blind' | 'folder' | 'other'
  readonly inner?: Step
}

/** A path with the folder in which its name is looked up. */
interface Place {
  readonly folder: number
  readonly name: string
  readonly path: PathBytes
  readonly step: Step
  /** Whether the way here leads through a link that was followed. */
  readonly isInLink: boolean
  readonly depth: number
}

interface Seen {
  readonly inner?: Step
  readonly isInLink?: boolean
  /** A folder behind a link that is not entered. */
  readonly isClosed?: boolean
}
