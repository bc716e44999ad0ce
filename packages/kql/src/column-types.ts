import type { ColumnType } from '@tidemark/model'

/** All types of columns. */
export const columnTypes: readonly ColumnType[] = [
  ...(['bool', 'datetime', 'decimal', 'dynamic', 'guid', 'int', 'long', 'real', 'string', 'timespan'] as const),
]
