/** What the server asks of the process that holds chDB: first to open its folder. */
export type StoreRequest =
  | { readonly id: number; readonly kind: 'open'; readonly folder: string }
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

/** What it says: that it is ready, or how a request ended. */
export type StoreMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed-to-open'; readonly reason: string }
  | { readonly kind: 'done'; readonly id: number; readonly rows: string }
  | { readonly kind: 'refused'; readonly id: number; readonly reason: string; readonly code: number }
