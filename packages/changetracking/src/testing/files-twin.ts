import { type BigIntStats, lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

import type { FileEntry } from '@tidemark/model'

import type { TrackedSet } from '../files/scan/scan.ts'
import { TwinPatterns, type TwinWorld } from './twin-patterns.ts'

/** What the twin knows of one path: the columns that are compared, and what tells a rename. */
export interface TwinFile {
  readonly path: string
  readonly columns: Readonly<Record<string, string>>
  readonly kind: string
  readonly method: string
  readonly identity: string
  readonly isLink: boolean
  readonly links: FileEntry['links']
  readonly isBehindLink: boolean
}

/** What is there, and what could not be looked at: paths with all below them, and folders of which only that is hidden. */
export interface TwinSight {
  readonly files: ReadonlyMap<string, TwinFile>
  readonly blindPaths: readonly string[]
  readonly blindFolders: readonly string[]
}

type Walked = readonly [real: string, tracked: string]

/**
 * The naive twin of the walk: everything that some entries ask for below one folder, by what node tells of each path,
 * without a thought of memory or time.
 */
export class FilesTwin {
  readonly #entries: readonly FileEntry[]
  readonly #patterns: TwinPatterns
  readonly #found = new Map<string, TwinFile>()
  readonly #blindPaths: string[] = []
  readonly #blindFolders: string[] = []
  readonly #entered = new Set<string>()
  readonly #roots: Walked[] = [['/', '/']]

  private constructor({ entries, excludes }: TrackedSet, world: TwinWorld) {
    this.#entries = entries
    this.#patterns = TwinPatterns.of(entries, excludes, world)
  }

  static see(tracked: TrackedSet, world: TwinWorld): TwinSight {
    const twin = new FilesTwin(tracked, world)
    twin.#folder(dirname(world.top), [...tracked.entries.keys()], false)
    return { files: twin.#found, blindPaths: twin.#blindPaths, blindFolders: twin.#blindFolders }
  }

  #folder(folder: string, allowed: readonly number[], isBehindLink: boolean): void {
    const inner = new Map<string, () => void>()
    const listed = unlessRefused(() => readdirSync(folder))
    if (listed === 'refused') this.#blindFolders.push(folder)
    const names = (listed === 'refused' ? [] : listed).flatMap((name) => [name, `${name}/`])
    for (const name of names.sort()) {
      if (name.endsWith('/')) inner.get(name)?.()
      else {
        const enter = this.#look(`${folder}/${name}`, allowed, isBehindLink)
        if (enter) inner.set(`${name}/`, enter)
      }
    }
  }

  #look(path: string, allowed: readonly number[], isBehindLink: boolean): (() => void) | undefined {
    const status = lstatSync(path, { bigint: true })
    const matches = allowed.filter((entry) => this.#patterns.asks(entry, path))
    if (status.isSymbolicLink()) return this.#lookAtLink(path, { allowed, matches, status, isBehindLink })
    const wanting = matches.filter((entry) => this.#isTypeWanted(entry, status))
    this.#tell(path, wanting, { status, isBehindLink })
    if (!status.isDirectory() || !allowed.some((entry) => this.#patterns.mayAskBelow(entry, path))) return undefined
    if (isBehindLink && this.#entered.has(nodeOf(status))) return undefined
    return () => this.#folder(path, allowed, isBehindLink)
  }

  #lookAtLink(
    path: string,
    seen: {
      readonly allowed: readonly number[]
      readonly matches: readonly number[]
      readonly status: BigIntStats
      readonly isBehindLink: boolean
    },
  ): (() => void) | undefined {
    const { allowed, matches, status, isBehindLink } = seen
    const linkTarget = readlinkSync(path)
    const links = (entry: number) => this.#entries[entry]?.links
    const follows = (entry: number): boolean => links(entry) === 'Follow' || this.#patterns.isWayTo(entry, path)
    const isFollowed =
      matches.some(follows) || allowed.some((entry) => follows(entry) && this.#patterns.mayAskBelow(entry, path))
    const target = isFollowed ? unlessRefused(() => statusBehind(path)) : undefined
    if (target === 'refused') {
      this.#blindPaths.push(path)
      return undefined
    }
    const wanting = matches.filter((entry) => {
      if (links(entry) === 'Ignore') return false
      if (links(entry) === 'Manage' || (isFollowed && target === undefined)) return this.#isTypeWanted(entry, status)
      return target !== undefined && this.#isTypeWanted(entry, target)
    })
    const isTarget = target !== undefined && links(wanting[0] ?? -1) === 'Follow'
    this.#tell(path, wanting, { status: isTarget ? target : status, isBehindLink, linkTarget })
    if (target?.isDirectory() !== true) return undefined
    const real = realpathSync(path)
    const inner = allowed.filter(
      (entry) =>
        follows(entry) && this.#patterns.mayAskBelow(entry, path) && !this.#isWalkedAnyway(entry, { real, path }),
    )
    if (inner.length === 0 || this.#entered.has(nodeOf(target))) return undefined
    this.#entered.add(nodeOf(target))
    this.#roots.push([real, path])
    return () => this.#folder(path, inner, true)
  }

  #isWalkedAnyway(entry: number, { real, path }: { readonly real: string; readonly path: string }): boolean {
    return this.#roots.some(([from, tracked]) => {
      const prefix = from === '/' ? '' : from
      if (real !== from && !real.startsWith(`${prefix}/`)) return false
      const walked = `${tracked === '/' ? '' : tracked}${real.slice(prefix.length)}`
      return walked !== path && this.#patterns.mayAskBelow(entry, walked)
    })
  }

  #isTypeWanted(entry: number, status: BigIntStats): boolean {
    const type = this.#entries[entry]?.type
    return type === '*' || (type === 'Directory') === status.isDirectory()
  }

  #tell(
    path: string,
    wanting: readonly number[],
    seen: { readonly status: BigIntStats; readonly isBehindLink: boolean; readonly linkTarget?: string },
  ): void {
    const entry = this.#entries[wanting[0] ?? -1]
    if (entry === undefined) return
    const { status, isBehindLink, linkTarget } = seen
    const kind = kindOf(status)
    const method = kind === 'File' ? entry.checksum : 'none'
    this.#found.set(path, {
      path,
      kind,
      method,
      identity: `${nodeOf(status)}:${status.birthtimeNs}`,
      isLink: linkTarget !== undefined,
      links: entry.links,
      isBehindLink,
      columns: columnsOf(path, { status, kind, linkTarget, isRead: method === 'sha256' || method === 'md5' }),
    })
  }
}

function columnsOf(
  path: string,
  seen: {
    readonly status: BigIntStats
    readonly kind: string
    readonly linkTarget: string | undefined
    readonly isRead: boolean
  },
): Readonly<Record<string, string>> {
  const { status, kind, linkTarget, isRead } = seen
  return {
    FileContentChecksum: isRead ? `content ${readFileSync(path, 'latin1')}` : '',
    DateModified: String(status.mtimeNs / 100n),
    DateChanged: String(status.ctimeNs / 100n),
    DateCreated: String(status.birthtimeNs / 100n),
    FileMode: String(status.mode & 0o7777n),
    FileOwnerId: String(status.uid),
    ItemType: kind,
    LinkTarget: linkTarget ?? '',
    Inode: String(status.ino),
    ...(kind === 'Directory' ? {} : { Size: String(status.size), Links: String(status.nlink) }),
  }
}

function kindOf(status: BigIntStats): string {
  if (status.isSymbolicLink()) return 'Link'
  if (status.isDirectory()) return 'Directory'
  return status.isFile() ? 'File' : 'Fifo'
}

function statusBehind(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true })
  } catch (error) {
    if (isRefusal(error)) throw error
    return undefined
  }
}

function unlessRefused<R>(see: () => R): R | 'refused' {
  try {
    return see()
  } catch (error) {
    if (isRefusal(error)) return 'refused'
    throw error
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EACCES'
}

function nodeOf({ dev, ino }: BigIntStats): string {
  return `${dev}:${ino}`
}
