import type { ChangeColumn, InventoryColumn, OperationColumn, VisibilityColumn } from './tables.ts'

/** What one cell holds on its way: absent means empty. Datetimes are ISO 8601 text in UTC, dynamics are JSON text. */
export type Cell = string | number | boolean

/** One entry of a Forward message and one of an upload's `DataItems`: column name to value, flat. */
export type Row = Readonly<Record<string, Cell>>

/** The kinds of things whose changes are tracked, as `ConfigChangeType` and `ConfigDataType` say them. */
export const trackedTypes = ['Files', 'Software', 'Daemons'] as const
export type TrackedType = (typeof trackedTypes)[number]

/** What became of an item, as `ChangeCategory` says it. */
export const changeCategories = ['Added', 'Removed', 'Modified'] as const
/** One of `changeCategories`. */
export type ChangeCategory = (typeof changeCategories)[number]

/** A row for `ConfigurationChange`; travels on CONFIG_CHANGE_BLOB_V2. */
export type ChangeRow = Readonly<Partial<Record<ChangeColumn, Cell>>> & {
  readonly ConfigChangeType: TrackedType
  readonly ChangeCategory: ChangeCategory
}

/** A row for `ConfigurationData`; travels on CONFIG_DATA_BLOB_V2. */
export type InventoryRow = Readonly<Partial<Record<InventoryColumn, Cell>>> & { readonly ConfigDataType: TrackedType }

/**
 * Says what could not be seen or kept. Travels on CONFIG_CHANGE_BLOB_V2 among the changes with
 * `Type: 'TidemarkVisibility'`, which is how the server tells where it belongs.
 */
export type VisibilityRow = Readonly<Partial<Record<VisibilityColumn, Cell>>> & {
  readonly Type: 'TidemarkVisibility'
  /** What kind of thing was not seen; `Agent` where it is about the way, not about the looking. */
  readonly ConfigChangeType: TrackedType | 'Agent'
  /** Stable word, as in `docs/formats/visibility.md`. */
  readonly Reason: VisibilityReason
  /** One sentence: what, where, what now. */
  readonly Detail: string
}

/** How an operation of a package manager ended. */
export const operationOutcomes = ['completed', 'failed', 'interrupted'] as const
/** One of `operationOutcomes`. */
export type OperationOutcome = (typeof operationOutcomes)[number]

/**
 * One run of a package manager, told when it is over. Travels on CONFIG_CHANGE_BLOB_V2 among the changes with
 * `Type: 'TidemarkOperation'`; change rows of files and packages name it in their `OperationId`.
 */
export type OperationRow = Readonly<Partial<Record<OperationColumn, Cell>>> & {
  readonly Type: 'TidemarkOperation'
  /** The same for one operation whoever reads it when: source, start and a hash of what stands at its start. */
  readonly OperationId: string
  readonly Outcome: OperationOutcome
}

/**
 * A part of a file's content, kept because a rule says `uploadContent`. Travels on CONFIG_CHANGE_BLOB_V2 among the changes
 * with `Type: 'TidemarkContent'`; the server puts the parts together in its content store. Once per content and machine.
 */
export interface ContentRow extends Row {
  readonly Type: 'TidemarkContent'
  /** SHA-256 of the whole content, 64 hex digits; also the last part of `FileContentBlobLink`. */
  readonly ContentHash: string
  /** Bytes of the whole content before compression. */
  readonly ContentSize: number
  /** This part and how many there are, from 0. */
  readonly Part: number
  readonly PartCount: number
  /** How the parts, joined, are compressed. */
  readonly Encoding: 'zstd'
  /** This part in base64, of at most `CONTENT_PART_BYTES_MAX` bytes. */
  readonly Bytes: string
  /** `maxOutputSize` of the entry that asked for it: what is shown of it at most, in bytes. */
  readonly ShownBytesMax?: number
}

/** Bytes of one part of a content before base64, after compression, at most. */
export const CONTENT_PART_BYTES_MAX = 256 * 1024

/** What `FileContentBlobLink` says of a content: the path of the server's API that gives it to who may read contents. */
export function contentLink(sha256: string): string {
  return `/v1/contents/${sha256}`
}

/** Why something could not be seen or kept. */
export const visibilityReasons = [
  'baseline-started',
  'state-lost',
  'unreadable',
  'source-missing',
  'source-damaged',
  'rule-rejected',
  'limit-reached',
  'records-dropped',
  'upload-refused',
  'watch-overflowed',
  'watch-unavailable',
  'content-not-kept',
] as const
export type VisibilityReason = (typeof visibilityReasons)[number]
