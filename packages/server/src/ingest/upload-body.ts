import type { Parsed } from '@tidemark/base'
import { heartbeatDataType, type TableName } from '@tidemark/model'

import type { ArrivedRow } from './coercion.ts'
import { type Collection, parseCollections } from './collections/collection.ts'

/** Rows in one upload at most. */
export const ROWS_MAX = 100_000

/** Rows of one upload by their table. */
export type RowsByTable = ReadonlyMap<TableName, readonly ArrivedRow[]>

/** What an upload holds. */
export interface ArrivedUpload {
  readonly rows: RowsByTable
  /** Parts of contents, which go to no table. */
  readonly contents: readonly ArrivedRow[]
  /** Whole collections of agents of the first version. */
  readonly collections?: readonly Collection[]
}

/** Reads the JSON text of an upload (protocol: ODS upload). Checked by hand: this is the hot way in. */
export function parseUpload(text: string): Parsed<ArrivedUpload> {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch (error) {
    return rejected('', error instanceof Error ? error.message : String(error))
  }
  if (!isRecord(document)) return rejected('', 'an upload is a JSON object')
  const { DataType: dataType, DataItems: items } = document
  if (typeof dataType !== 'string') return rejected('DataType', 'is missing')
  if (dataType === 'CONFIG_CHANGE_BLOB') return collectionsUpload(items)
  const tableOf = tableChoice(dataType)
  if (tableOf === undefined)
    return rejected(
      'DataType',
      `"${dataType}" is not taken here; known: CONFIG_CHANGE_BLOB, ${Object.keys(choices).join(', ')}`,
    )
  if (!Array.isArray(items)) return rejected('DataItems', 'is no array')
  if (items.length > ROWS_MAX) return rejected('DataItems', `has ${items.length} rows; at most ${ROWS_MAX} are taken`)
  const rows = new Map<TableName, ArrivedRow[]>()
  const contents: ArrivedRow[] = []
  for (const [index, item] of items.entries()) {
    if (!isRecord(item)) return rejected(`DataItems[${index}]`, 'is no object')
    // Of whatever data type: the bytes of a file never reach a table.
    if (item['Type'] === 'TidemarkContent') {
      contents.push(item)
      continue
    }
    const [table, row] = tableOf(item)
    const others = rows.get(table)
    if (others) others.push(row)
    else rows.set(table, [row])
  }
  return { kind: 'parsed', value: { rows, contents } }
}

function collectionsUpload(items: unknown): Parsed<ArrivedUpload> {
  const read = parseCollections(items)
  if (read.kind === 'rejected') return read
  return { kind: 'parsed', value: { rows: new Map(), contents: [], collections: read.value } }
}

type TableChoice = (row: ArrivedRow) => [TableName, ArrivedRow]

const choices: Readonly<Record<string, TableChoice>> = {
  CONFIG_CHANGE_BLOB_V2: (row) => [tableAmongChanges(row['Type']), row],
  CONFIG_DATA_BLOB_V2: (row) => ['ConfigurationData', row],
  [heartbeatDataType]: (row) => {
    const { Timestamp = row['TimeGenerated'], ComputerPrivateIps = row['ComputerPrivateIPs'], ...rest } = row
    return ['Heartbeat', { ...rest, TimeGenerated: Timestamp, ComputerPrivateIPs: ComputerPrivateIps }]
  },
}

/** What travels among the changes and has a table of its own. */
function tableAmongChanges(type: unknown): TableName {
  return type === 'TidemarkVisibility' || type === 'TidemarkOperation' ? type : 'ConfigurationChange'
}

function tableChoice(dataType: string): TableChoice | undefined {
  return Object.hasOwn(choices, dataType) ? choices[dataType] : undefined
}

function rejected(where: string, message: string): Parsed<never> {
  return { kind: 'rejected', problems: [{ where, message }] }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
