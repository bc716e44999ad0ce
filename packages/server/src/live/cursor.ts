import { type TableName, tableNames } from '@tidemark/model'

/** Where a reader of a feed is: it has seen every row of the table with a number up to `arrival`. */
export interface Cursor {
  readonly table: TableName
  readonly workspaceId: string
  readonly arrival: number
}

/** Text for a URL; what is in it is nobody's business and may change. */
export function cursorText({ table, workspaceId, arrival }: Cursor): string {
  return Buffer.from(JSON.stringify([1, table, workspaceId, arrival])).toString('base64url')
}

/** `undefined` for text that `cursorText` did not make. */
export function parseCursor(text: string): Cursor | undefined {
  let read: unknown
  try {
    read = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
  } catch {
    return undefined
  }
  if (!Array.isArray(read) || read.length !== 4) return undefined
  const [version, name, workspaceId, arrival]: unknown[] = read
  const table = tableNames.find((one) => one === name)
  const isWhole = typeof arrival === 'number' && Number.isSafeInteger(arrival) && arrival >= 0
  if (version !== 1 || table === undefined || typeof workspaceId !== 'string' || !isWhole) return undefined
  return { table, workspaceId, arrival }
}
