import type { TableName } from '@tidemark/model'

/** Rows for one table, as JSON, one a line: objects, or arrays of the values of `columns`. */
export interface Insert {
  readonly table: TableName
  readonly columns?: readonly string[]
  /** The store counts rows that come again under the same token once; under none (empty) each time. */
  readonly token: string
  readonly lines: string
}

/** A row as its table takes it. */
export interface ArrivedLine {
  /** The values of its batch's columns as a JSON array, without the bracket at its end: `["a",null`. */
  readonly line: string
  /** Of its `TimeGenerated`: `202611`. */
  readonly month: number
}

/** Rows for one table that came together. */
export interface ArrivedBatch {
  readonly table: TableName
  /** Whose it is: ids of two owners are never the same batch. */
  readonly owner: string
  readonly batchId: string
  /** At least one; what is not among them is empty. */
  readonly columns: readonly string[]
  readonly rows: readonly ArrivedLine[]
}

/** Where uploads go. Both ways to fail are the store's: `StoreUnavailable`, `StoreRefused`. */
export interface RowSink {
  /** Resolves when the rows are on stable storage, once, however often the batch comes. */
  commit(batch: ArrivedBatch): Promise<void>
}

/** One that tells how far it is (`ingest/committer.ts`). */
export interface NumberedSink extends RowSink {
  /** Every row with a number up to this one is stored, or never will be. */
  readonly settled: number
}

/** A question in SQL that the KQL compiler wrote, or that stands in the `clickhouse` room. */
export interface Select {
  readonly sql: string
  /** Values of the `{name:Type}` placeholders. */
  readonly parameters: Readonly<Record<string, unknown>>
  /** Milliseconds after which the store gives up. */
  readonly timeMsMax: number
  /** Whether it must see each row whose insert was confirmed, on whatever replica it is answered. */
  readonly isExact?: boolean
  readonly signal?: AbortSignal
}

/** Where rows are kept. Both reject with `StoreUnavailable` where it may go well later. */
export interface RowStore {
  /**
   * An insert whose end nobody saw is made again as it was: under its token it counts once, also where what it stored cannot be
   * seen yet. Absent: the store is asked what it has of it.
   */
  readonly repeatsInserts?: boolean
  /** Resolves when the rows are on stable storage. */
  insert(insert: Insert): Promise<void>
  /** Rows as arrays of JSON values: 64-bit integers as numbers, datetimes as ISO 8601 text. */
  select(select: Select): Promise<unknown[][]>
}

/** One that was opened, and is closed by disposing it. */
export interface OpenedRowStore extends RowStore, AsyncDisposable {
  /** Whether requests can be answered at the moment. */
  readonly isReady: boolean
}

/** The store cannot answer at the moment: ask again. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable'
}

/**
 * What the store found fault with: `rows` that it will never take, a question that took `too-long` or has an answer that
 * is `too-large`, or anything else.
 */
export type StoreFault = 'rows' | 'too-long' | 'too-large' | 'other'

/** The store refused a request; the message is its own. */
export class StoreRefused extends Error {
  override readonly name = 'StoreRefused'
  readonly fault: StoreFault

  constructor(message: string, fault: StoreFault = 'other') {
    super(message)
    this.fault = fault
  }
}
