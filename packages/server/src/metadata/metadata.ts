import type { Compilable, Kysely } from 'kysely'

import type { MetadataTables } from './schema.ts'

/** What reads and changes the metadata: all of it, or one transaction. */
export interface MetadataSession {
  /** Builds questions; nothing runs before `all`, `first` or `run` is called with one. */
  readonly build: Kysely<MetadataTables>
  /** All rows of a question. */
  all<Row>(question: Compilable<Row>): Promise<Row[]>
  /** The first row of a question. */
  first<Row>(question: Compilable<Row>): Promise<Row | undefined>
  /** Runs a change; returns how many rows it touched. On stable storage, once, when it resolves. */
  run(change: Compilable): Promise<number>
}

/**
 * Rules, machines, tokens and sessions: a SQLite file of one server, or a PostgreSQL database that several servers share.
 * Rejects with `MetadataConflict`, and with `StoreUnavailable` where it may go well later.
 */
export interface Metadata extends MetadataSession, AsyncDisposable {
  /**
   * Runs several questions and changes as one, as if nothing else ran meanwhile. Where another server was in the way, `work` is
   * called again: it does nothing but ask and change what it is given.
   */
  together<T>(work: (within: MetadataSession) => Promise<T>): Promise<T>
}

/** A change that the tables forbid: another row has this key already, or what it points to is not there. */
export class MetadataConflict extends Error {
  override readonly name = 'MetadataConflict'
}

/** Values that both databases keep alike. */
export type MetadataValue = null | number | string

/** What is kept of a value. PostgreSQL takes no NUL in a text, and neither takes half a surrogate pair: both become U+FFFD. */
export function keptValue(value: unknown): MetadataValue {
  if (value === null || typeof value === 'number') return value
  if (typeof value === 'string') return value.replaceAll('\0', '\uFFFD').toWellFormed()
  throw new TypeError(`the metadata take no ${typeof value}`)
}

/** What a database gives for a question is what the question's type says: its tables are strict. */
export function rowsAs<Row>(rows: unknown): Row[] {
  const typed: Row[] = Array.isArray(rows) ? rows : []
  return typed
}
