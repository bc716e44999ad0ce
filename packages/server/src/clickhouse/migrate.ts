import { invariant } from '@tidemark/base'
import type { TableName } from '@tidemark/model'

import {
  type Derived,
  derived,
  derivedStatements,
  derivedSelect,
  catchUpStatement,
  itemTable,
  viewStatements,
} from './derived.ts'
import { completeTable, createTable, DATABASE, sortingKeys, storedTables, columnDefinitions } from './layout.ts'

/**
 * The schema that this version keeps. 1: tables without a version, as 0.1.0 made them. 2: packed by ZSTD, changes in the order
 * of time, derived tables.
 */
export const SCHEMA_VERSION = 2

/** The store while it is opened: nobody else uses it. */
export interface OpeningStore {
  run(sql: string): void
  /** Cells as text. */
  rows(sql: string): readonly (readonly string[])[]
}

/** Memory of a statement that copies a whole table: what is beyond goes to disk. */
const COPY_SETTINGS =
  'max_bytes_before_external_group_by = 400000000, max_bytes_before_external_sort = 400000000, max_insert_threads = 1, min_insert_block_size_rows = 500000, min_insert_block_size_bytes = 200000000, max_partitions_per_insert_block = 0'

/**
 * Brings a store to the present schema, forward only. Cut off at any point, it goes on at the next start: whole tables are
 * exchanged, and the version is written last. Throws where a later version wrote the store. `tell` hears what is done.
 */
export function bringUpToDate(store: OpeningStore, tell: (step: string) => void): void {
  store.run(`CREATE DATABASE IF NOT EXISTS ${DATABASE}`)
  const present = presentVersion(store)
  if (present > SCHEMA_VERSION)
    throw new Error(
      `it was written by a later version of Tidemark (schema ${present}, known up to ${SCHEMA_VERSION}); start that version`,
    )
  for (const name of storedTables) bringTable(store, name, { present, tell })
  for (const one of derived) bringDerived(store, one, { present, tell })
  for (const statement of [...viewStatements(), itemTable('TidemarkItem')]) store.run(statement)
  if (present === SCHEMA_VERSION) return
  store.run(
    `CREATE TABLE IF NOT EXISTS ${VERSIONS} (version UInt32, at DateTime) ENGINE = MergeTree ORDER BY version SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`,
  )
  store.run(`INSERT INTO ${VERSIONS} VALUES (${SCHEMA_VERSION}, now())`)
}

const VERSIONS = `${DATABASE}.schema_version`

/** 0 where nothing is there. */
function presentVersion(store: OpeningStore): number {
  if (!isThere(store, 'schema_version')) return isThere(store, 'Heartbeat') ? 1 : 0
  return Math.max(1, Number(store.rows(`SELECT max(version) FROM ${VERSIONS}`)[0]?.[0] ?? 0))
}

interface Bringing {
  readonly present: number
  readonly tell: (step: string) => void
}

function bringTable(store: OpeningStore, name: TableName, { present, tell }: Bringing): void {
  if (!isThere(store, name)) return store.run(createTable(name))
  for (const statement of completeTable(name)) store.run(statement)
  const [key] =
    store.rows(`SELECT sorting_key FROM system.tables WHERE database = '${DATABASE}' AND name = '${name}'`)[0] ?? []
  if (key !== sortingKeys[name]) rebuildTable(store, name, tell)
  else if (present < 2) store.run(retype(name))
  // What a rebuild that was cut off left behind: a copy that is not whole, or the table that was exchanged for it.
  store.run(`DROP TABLE IF EXISTS ${DATABASE}.\`${name}_next\` SYNC`)
}

/** Copies a table into one with the present order of rows, month by month, and exchanges both. */
function rebuildTable(store: OpeningStore, name: TableName, tell: (step: string) => void): void {
  const [table, next] = [`${DATABASE}.\`${name}\``, `${DATABASE}.\`${name}_next\``]
  store.run(`DROP TABLE IF EXISTS ${next} SYNC`)
  store.run(createTable(name, `${name}_next`))
  const columns = columnDefinitions(name)
    .map((definition) => definition.split(' ')[0])
    .join(', ')
  const months = store.rows(`SELECT DISTINCT toYYYYMM(TimeGenerated) AS month FROM ${table} ORDER BY month`)
  for (const [month] of months) {
    tell(`rows of ${name} of ${month} are put into the order of time`)
    store.run(
      `INSERT INTO ${next} (${columns}) SELECT ${columns} FROM ${table} WHERE toYYYYMM(TimeGenerated) = ${Number(month)} SETTINGS ${COPY_SETTINGS}`,
    )
  }
  const count = (of: string): string | undefined => store.rows(`SELECT count() FROM ${of}`)[0]?.[0]
  invariant(count(table) === count(next), `${name} lost rows while it was copied; the old table is as it was`)
  store.run(`EXCHANGE TABLES ${table} AND ${next}`)
}

/** Present types and packings; parts get the packings when they are merged. */
function retype(name: TableName): string {
  const columns = columnDefinitions(name).map((definition) => `MODIFY COLUMN ${definition}`)
  return `ALTER TABLE ${DATABASE}.\`${name}\` ${columns.join(', ')}`
}

function bringDerived(store: OpeningStore, one: Derived, { present, tell }: Bringing): void {
  const isNew = present < 2 || !isThere(store, `${one.name}_filled`)
  if (isNew) {
    store.run(`DROP VIEW IF EXISTS ${DATABASE}.\`${one.name}_filled\` SYNC`)
    store.run(`DROP TABLE IF EXISTS ${DATABASE}.\`${one.name}\` SYNC`)
  }
  const [table, view] = derivedStatements(one)
  store.run(String(table))
  if (isNew) {
    tell(`${one.name} is made of ${one.from}`)
    store.run(`INSERT INTO ${DATABASE}.\`${one.name}\` ${derivedSelect(one)} SETTINGS ${COPY_SETTINGS}`)
  } else store.run(catchUpStatement(one))
  // Last: a view that is there says that its table has all rows up to now.
  store.run(String(view))
}

function isThere(store: OpeningStore, name: string): boolean {
  return store.rows(`SELECT 1 FROM system.tables WHERE database = '${DATABASE}' AND name = '${name}'`).length > 0
}
