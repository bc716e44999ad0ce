import type { Collection, Gap, Item, Known } from '../collector.ts'
import type { RunCommand } from '../host/run.ts'
import { type PackageTree, PackageTreeError } from '../host/package-tree.ts'
import { coverageOf, isOfSource, type SoftwareSource } from './item.ts'

/** The machine as sources may see it. */
export interface SoftwareMachine {
  readonly tree: PackageTree
  /** Whether some process holds a lock on a file of the tree; false where that cannot be told. */
  isLocked(path: string): boolean
  /** Runs a program of this machine; absent where the tree is not this machine's: then nothing is run. */
  readonly run?: RunCommand
}

/** What one source found: a collection whose gaps and unseen coverage are only its own. */
export type Found = Pick<Collection, 'items' | 'gaps' | 'unsettled' | 'unseen' | 'notes'>

/** One place where packages are kept. Adding one is a folder and a line in `sources.ts`. */
export interface Source {
  readonly name: SoftwareSource
  /** Folders that rules add to it. */
  readonly folders?: readonly string[]
  /** `undefined` where there is no such thing on the machine. */
  collect(machine: SoftwareMachine, known: Known, signal: AbortSignal): Promise<Found | undefined>
  /** A function of the tree where folders have to be looked for. */
  readonly watched: Watched | ((tree: PackageTree) => Watched)
}

/** What tells that a source has changed. Paths are those of the machine's tree. */
export interface Watched {
  /** Folders, each with the names in it that count; other names are noise. */
  readonly folders: readonly { readonly path: string; readonly names: RegExp }[]
  /** Files that are locked while a package manager is at work. */
  readonly locks?: readonly string[]
  /** Files that are there while a package manager is at work. */
  readonly lockFiles?: readonly string[]
}

/** What tells that a source has changed on a machine. */
export function watchedOf({ watched }: Source, { tree }: SoftwareMachine): Watched {
  return typeof watched === 'function' ? watched(tree) : watched
}

/** A source that could not be read: what is known of it stays, and it is told. */
export function unseenSource(source: SoftwareSource, problem: string, folders: readonly string[] = []): Found {
  return { items: new Map(), gaps: [damage(source, problem)], unseen: new Set(coverageOf(source, folders)) }
}

/** A database as its reader gives it; refused where the tree cannot be read. */
export function orRefused<Database>(
  read: () => Database,
): Database | { readonly kind: 'refused'; readonly problem: string } {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof PackageTreeError)) throw error
    return { kind: 'refused', problem: error.message }
  }
}

/** What a source tells; a tree that cannot be read is a source that is not seen. */
export async function reading(
  source: SoftwareSource,
  read: () => Found | undefined,
  folders?: readonly string[],
): Promise<Found | undefined> {
  try {
    return await Promise.resolve(read())
  } catch (error) {
    if (!(error instanceof PackageTreeError)) throw error
    return unseenSource(source, error.message, folders)
  }
}

/** What is wrong with a source, in one sentence. */
function damage(source: SoftwareSource, problem: string): Gap {
  const what = problem.trim().replaceAll(/\s+/g, ' ').slice(0, PROBLEM_CHARS_MAX)
  const detail = `the ${source} database cannot be read: ${what}; its packages stay as last seen`
  return { reason: 'source-damaged', subject: source, detail }
}

/** Characters of a problem that are told. */
const PROBLEM_CHARS_MAX = 500

/** Whether packages of a source are known from an earlier look. */
export function isKnown(source: SoftwareSource, known: Known): boolean {
  return itemsOf(source, known).length > 0
}

/** Packages of a source that are known from an earlier look, by their keys. */
export function itemsOf(source: SoftwareSource, known: Known): [string, Item][] {
  return [...known.entries()].filter(([, { coveredBy }]) => coveredBy.some((each) => isOfSource(source, each)))
}
