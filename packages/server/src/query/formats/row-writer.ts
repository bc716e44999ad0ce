import type { ColumnType, QueryCell } from '@tidemark/model'

/** A column of what is written. */
export interface WrittenColumn {
  readonly name: string
  readonly type: ColumnType
}

/** Writes rows in one format, piece by piece: what comes before them, each page, what comes behind. */
export interface RowWriter {
  begin(): Uint8Array
  rows(rows: readonly (readonly QueryCell[])[]): Uint8Array
  end(): Uint8Array
}
