import type { TableName } from '@tidemark/model'

/** Days by table, null for ever; what is not there stays as it is. */
export type RetentionDays = { readonly [Name in TableName]?: number | null | undefined }

/** What the server asks of the process that holds chDB: first to open its folder. */
export type StoreRequest =
  | {
      readonly id: number
      readonly kind: 'open'
      readonly folder: string
      readonly memoryBytesMax: number
      /** A backup to begin with, of which nothing may be there yet. */
      readonly restoreFrom?: string
    }
  | {
      readonly id: number
      readonly kind: 'insert'
      readonly table: string
      readonly columns?: readonly string[]
      readonly token: string
      readonly lines: string
    }
  | {
      readonly id: number
      readonly kind: 'select'
      readonly sql: string
      readonly parameters: Readonly<Record<string, unknown>>
      readonly timeMsMax: number
    }
  /** Days that rows of tables are kept; null: as long as there is room. */
  | { readonly id: number; readonly kind: 'retain'; readonly days: RetentionDays }
  /** Writes everything into a folder that is not there yet. */
  | { readonly id: number; readonly kind: 'backup'; readonly folder: string }

/** What it says: that it is ready, or how a request ended. */
export type StoreMessage =
  | { readonly kind: 'ready' }
  /** Opening takes its time, and this is what it does. */
  | { readonly kind: 'opening'; readonly step: string }
  | { readonly kind: 'failed-to-open'; readonly reason: string }
  | { readonly kind: 'done'; readonly id: number; readonly rows: string }
  | { readonly kind: 'refused'; readonly id: number; readonly reason: string; readonly code: number }
