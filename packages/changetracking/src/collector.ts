import type { Cell, ChangeColumn, ExtensionSettings, InventoryColumn, VisibilityReason } from '@tidemark/model'
import type { Logger } from 'pino'

/** Columns of an inventory row that belong to the thing itself. */
export type ItemColumns = Readonly<Partial<Record<InventoryColumn, Cell>>>
/** Columns of a change row that belong to the thing itself. */
export type ChangeColumns = Readonly<Partial<Record<ChangeColumn, Cell>>>

/** One tracked thing as it was seen. */
export interface Item {
  readonly columns: ItemColumns
  /** Fingerprints of what asked for it (a rule's entries); two items of one type may be covered by different ones. */
  readonly coveredBy: readonly string[]
  /** What a collector keeps for itself between two looks; compared by nobody. */
  readonly facts?: Readonly<Record<string, string | number>>
}

/** Something that could not be looked at. */
export interface Gap {
  readonly reason: VisibilityReason
  /** A path or a source. */
  readonly subject: string
  /** One sentence: what, where, what now. */
  readonly detail: string
  /** Key whose item, and all items below it, could not be seen: what is stored of them stays as it is. */
  readonly key?: string
  /** When it began and ended, milliseconds since 1970; the moment of the look where nothing is said, and open. */
  readonly fromMs?: number
  readonly toMs?: number
}

/** What one look found. */
export interface Collection {
  /** Items by a key that stays the same while the thing is the same. */
  readonly items: ReadonlyMap<string, Item>
  readonly gaps: readonly Gap[]
  /** False: nothing is known from this look, so that nothing is compared. */
  readonly isComplete: boolean
  /** Keys in the middle of something (a package half installed): what is stored of them stays as it is. */
  readonly unsettled?: ReadonlySet<string>
  /**
   * Fingerprints of the coverage that this look could not see (one package database of several): what is stored of them
   * stays as it is, everything else is compared. What is seen there for the first time afterwards is a baseline.
   */
  readonly unseen?: ReadonlySet<string>
  /** How it was looked at where that is not the usual way; for people, no gap. */
  readonly notes?: readonly string[]
}

/** The last known items, for collectors that need not look again at what did not change. */
export interface Known {
  get(key: string): Item | undefined
  entries(): Iterable<[string, Item]>
}

/** What a rule says to collectors. */
export interface CollectorRule {
  readonly settings: ExtensionSettings
}

/** What a collector is given that hears of changes by itself. */
export interface CollectorLife {
  readonly log: Logger
  /** Stops what runs. */
  readonly signal: AbortSignal
  /** Whether any rule asks for its type now. */
  isWanted(): boolean
  /** Looks now; resolves when that look is over, whatever became of it. */
  lookNow(): Promise<void>
}

/** Looks at all things of one type. Adding one is a folder and a line in `collectors.ts`. */
export interface Collector {
  readonly type: 'Software' | 'Daemons'
  /** What it would look at now, one fingerprint for each entry: what is new here is a baseline, not `Added`. */
  coverage(rules?: readonly CollectorRule[]): readonly string[]
  /** `rules` are those that ask for the type. */
  collect(known: Known, signal: AbortSignal, rules?: readonly CollectorRule[]): Promise<Collection>
  /**
   * The change from one state to the other, `undefined` where nothing that counts differs. `previous` or `current` is
   * absent when the thing was not or is no more there.
   */
  change(previous: Item | undefined, current: Item | undefined): ChangeColumns | undefined
  /** Listens for changes until it is disposed, where the source tells of them by itself, and looks when there is one. */
  watch?(life: CollectorLife): AsyncDisposable
}
