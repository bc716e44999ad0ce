import { type Column, type ColumnType, type TableName, tableNames, tables } from '@tidemark/model'

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
const STAMPED: ReadonlySet<string> = new Set(['TenantId', '_ResourceId', '_SubscriptionId', '_TimeReceived', 'Type'])
const ADDITIONAL = 'AdditionalFields'

/**
 * A row as the table takes it. A cell that has no column, or that its column cannot hold, is kept by its name in
 * `AdditionalFields`: nothing is dropped.
 */
export function storedRow(table: TableName, row: ArrivedRow, stamp: Stamp): Record<string, unknown> {
  const columns = columnsByTable.get(table)
  const stored: Record<string, unknown> = {}
  // A map, because a field may be called `__proto__`.
  const additional = new Map<string, unknown>(Object.entries(row).flatMap(fieldsWithin))
  for (const [name, value] of Object.entries(row)) {
    if (STAMPED.has(name) || name === ADDITIONAL) continue
    const column = columns?.get(name)
    const cell = column && coerced(value, column.type)
    if (cell !== undefined) stored[name] = cell
    else if (value !== null && value !== undefined) additional.set(name, value)
  }
  stored['TimeGenerated'] ??= stamp.receivedAt
  stored['TenantId'] = stamp.workspaceId
  stored['Type'] = table
  stored['_ResourceId'] = stamp.resourceId
  stored['_SubscriptionId'] = stamp.resourceId.split('/')[2] ?? ''
  stored['_TimeReceived'] = stamp.receivedAt
  if (columns?.has('SourceSystem')) stored['SourceSystem'] ??= stamp.sourceSystem ?? 'Linux'
  if (additional.size > 0) stored[ADDITIONAL] = JSON.stringify(Object.fromEntries(additional)).toWellFormed()
  return stored
}

/** What a sender has put into `AdditionalFields` itself, as an object or as the JSON text of one. */
function fieldsWithin([name, value]: [string, unknown]): [string, unknown][] {
  if (name !== ADDITIONAL || value === null || value === undefined) return []
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

function datetime(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
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
