import { invariant } from '@tidemark/base'
import { type Column, type ColumnType, type TableName, tableNames, tables } from '@tidemark/model'

import type { ArrivedLine } from '../ports.ts'

/** A value in a row as it arrives: JSON, whatever it is. */
export type ArrivedRow = Readonly<Record<string, unknown>>

/** What the server knows about the rows of one upload, and writes into each. */
export interface Stamp {
  readonly workspaceId: string
  readonly resourceId: string
  /** ISO 8601. */
  readonly receivedAt: string
  /** `SourceSystem` of rows that do not say it; `Linux` by default. */
  readonly sourceSystem?: string
}

const columnsByTable = new Map<TableName, ReadonlyMap<string, Column>>(
  tableNames.map((name) => [name, new Map(tables[name].columns.map((one) => [one.name, one]))]),
)

// Only the server says these: a machine cannot speak for another one, or for another workspace.
const STAMPED: readonly string[] = ['TenantId', 'Type', '_ResourceId', '_SubscriptionId', '_TimeReceived']
const ADDITIONAL = 'AdditionalFields'

/** Rows of one upload as their table takes them. */
export interface Lines {
  readonly columns: readonly string[]
  readonly rows: readonly ArrivedLine[]
}

/**
 * Rows as the table takes them, each written once: no object is made of a row on its way to the store. A cell that has no
 * column, or that its column cannot hold, is kept by its name in `AdditionalFields`: nothing is dropped.
 */
export function linesOf(table: TableName, items: readonly ArrivedRow[], stamp: Stamp): Lines {
  const layout = layoutOf(table, items)
  const stamped = [stamp.workspaceId, table, stamp.resourceId, stamp.resourceId.split('/')[2] ?? '', stamp.receivedAt]
  const end = `,${JSON.stringify(stamped.map((value) => value.toWellFormed())).slice(1, -1)}`
  const source = stamp.sourceSystem ?? 'Linux'
  const { columns, sourceIndex } = layout
  const values = Array.from<unknown>({ length: columns.length })
  const rows = items.map((row): ArrivedLine => {
    values.fill(null)
    fillCells(row, layout, values)
    values[TIME] ??= stamp.receivedAt
    if (sourceIndex !== undefined) values[sourceIndex] ??= source
    return { line: `${JSON.stringify(values).slice(0, -1)}${end}`, month: monthOf(values[TIME]) }
  })
  return { columns: [...columns.map(({ name }) => name), ...STAMPED], rows }
}

/** One row by column, without what is empty. */
export function storedRow(table: TableName, row: ArrivedRow, stamp: Stamp): Record<string, unknown> {
  const { columns, rows } = linesOf(table, [row], stamp)
  const values: unknown[] = JSON.parse(`${rows[0]?.line ?? '['}]`)
  const cells = columns.map((name, index) => [name, values[index]] as const)
  return Object.fromEntries(cells.filter(([, value]) => value !== null))
}

/** Which column of a table is where in a line. */
interface Layout {
  readonly columns: readonly Pick<Column, 'name' | 'type'>[]
  /** Of the names that rows have; a name without a place goes among the additional fields, or is the server's to say. */
  readonly places: ReadonlyMap<string, number>
  readonly sourceIndex: number | undefined
}

/** Places that every line has. */
const TIME = 0
const MORE = 1

function layoutOf(table: TableName, items: readonly ArrivedRow[]): Layout {
  const known = columnsByTable.get(table)
  const columns: Pick<Column, 'name' | 'type'>[] = [
    { name: 'TimeGenerated', type: 'datetime' },
    { name: ADDITIONAL, type: 'dynamic' },
  ]
  const places = new Map([['TimeGenerated', TIME]])
  const seen = new Set(['TimeGenerated', ADDITIONAL, ...STAMPED])
  const names = known?.has('SourceSystem') === true ? ['SourceSystem'] : []
  for (const item of items)
    for (const name of [...names.splice(0), ...Object.keys(item)]) {
      if (seen.has(name)) continue
      seen.add(name)
      const column = known?.get(name)
      if (column !== undefined) places.set(name, columns.push(column) - 1)
    }
  return { columns, places, sourceIndex: places.get('SourceSystem') }
}

function fillCells(row: ArrivedRow, { columns, places }: Layout, values: unknown[]): void {
  // A map, because a field may be called `__proto__`.
  let additional: Map<string, unknown> | undefined
  if (Object.hasOwn(row, ADDITIONAL)) additional = new Map(fieldsWithin(row[ADDITIONAL]))
  for (const name of Object.keys(row)) {
    const value = row[name]
    const place = places.get(name)
    const column = place === undefined ? undefined : columns[place]
    const cell = column && coerced(value, column.type)
    if (cell !== undefined && place !== undefined) values[place] = cell
    else if (value !== null && value !== undefined && name !== ADDITIONAL && !isStamped(name))
      (additional ??= new Map()).set(name, value)
  }
  if (additional !== undefined && additional.size > 0)
    values[MORE] = JSON.stringify(Object.fromEntries(additional)).toWellFormed()
}

function isStamped(name: string): boolean {
  return STAMPED.includes(name)
}

/** `202611` of an ISO 8601 time in UTC, by which tables are partitioned. */
function monthOf(time: unknown): number {
  invariant(typeof time === 'string', 'a row without its time')
  return Number(time.slice(0, 4)) * 100 + Number(time.slice(5, 7))
}

/** What a sender has put into `AdditionalFields` itself, as an object or as the JSON text of one. */
function fieldsWithin(value: unknown): [string, unknown][] {
  if (value === null || value === undefined) return []
  const fields: unknown = typeof value === 'string' ? JSON.parse(jsonText(value)) : value
  return typeof fields === 'object' && fields !== null && !Array.isArray(fields)
    ? Object.entries(fields)
    : [[ADDITIONAL, fields]]
}

/** The value as a column of this type holds it, `undefined` where it cannot. */
export function coerced(value: unknown, type: ColumnType): string | number | boolean | undefined {
  if (value === null || value === undefined) return undefined
  switch (type) {
    case 'string':
    case 'guid':
      return plainText(value)
    case 'int':
    case 'long':
      return wholeNumber(value)
    case 'real':
    case 'decimal':
      return realNumber(value)
    case 'bool':
      return truth(value)
    case 'datetime':
      return datetime(value)
    case 'dynamic':
      return (typeof value === 'string' ? jsonText(value) : JSON.stringify(value)).toWellFormed()
    case 'timespan':
      return undefined
  }
}

// Half of a surrogate pair is legal in JSON and refused by the store, together with the whole batch.
function plainText(value: unknown): string | undefined {
  if (typeof value === 'string') return value.toWellFormed()
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

function truth(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value
  const word = typeof value === 'string' ? value.toLowerCase() : ''
  return word === 'true' ? true : word === 'false' ? false : undefined
}

function wholeNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : undefined
}

function realNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}

// What DateTime64(7) holds, with a margin at both ends.
const YEAR_MIN = 1900
const YEAR_MAX = 2261

// What nearly every time looks like, and needs no arithmetic: a day that each month has, in UTC.
const PLAIN_TIME =
  /^(?:19|20|21)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])[T ](?:[01]\d|2[0-3])(?::[0-5]\d){2}(?:\.\d{1,7})?Z$/

function datetime(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  if (PLAIN_TIME.test(value))
    return `${value.slice(0, 10)}T${value.slice(11, 19)}.${value.slice(20, -1).padEnd(7, '0')}Z`
  const [, day, time, fraction = '', zone = 'Z'] =
    /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)?$/.exec(value) ?? []
  if (day === undefined || time === undefined) return undefined
  const seconds = Date.parse(`${day}T${time}${zone}`)
  if (Number.isNaN(seconds)) return undefined
  const date = new Date(seconds)
  const year = date.getUTCFullYear()
  if (year < YEAR_MIN || year > YEAR_MAX) return undefined
  return `${date.toISOString().slice(0, 19)}.${fraction.padEnd(7, '0').slice(0, 7)}Z`
}

/** Text that is JSON stays as it is; any other text becomes a JSON string. */
function jsonText(text: string): string {
  try {
    JSON.parse(text)
    return text
  } catch {
    return JSON.stringify(text)
  }
}
