import type { Command, Run } from './process.ts'

/** What a step does to a tree: the words under which the questions find it. */
export type Work = 'baseline' | 'rescan' | 'full' | 'hash' | 'list'

/** One measured process of a contestant's. */
export interface Step extends Command {
  readonly work: Work
  /** As the table says it: `aide --check`. */
  readonly what: string
  /** Not measured: makes way before each run. */
  readonly prepare?: () => void
  /** Exit codes that mean that it did its work and found nothing changed. */
  readonly codes: readonly number[]
}

/** A program that is measured on one tree. Its steps follow each other in every round. */
export interface Contestant {
  readonly name: string
  readonly steps: readonly Step[]
  /** Whether a run of its rescan saw that a file has changed. Without, it compares nothing. */
  readonly sees?: (run: Run) => boolean
}

/** Where a contestant works: its tree, a folder of its own for configuration and state, and the programs. */
export interface Ground {
  readonly tree: string
  readonly folder: string
  readonly programs: Programs
  /** The words that start `tidemark`. */
  readonly ours: readonly string[]
}

/** How a program of another Debian package is called here. */
export interface Programs {
  /** Undefined where it is not there. */
  find(program: string): { readonly path: string; readonly env: Readonly<Record<string, string>> } | undefined
}
