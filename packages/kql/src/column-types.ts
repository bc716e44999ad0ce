import type { ColumnType } from '@tidemark/model'

/** All types of columns. */
export const columnTypes: readonly ColumnType[] = [
  ...(['bool', 'datetime', 'decimal', 'dynamic', 'guid', 'int', 'long', 'real', 'string', 'timespan'] as const),
]

const OTHER_NAMES: Readonly<Record<string, ColumnType>> = {
  boolean: 'bool',
  date: 'datetime',
  double: 'real',
  time: 'timespan',
  uniqueid: 'guid',
  uuid: 'guid',
}

/** The type that a word of the query names; `undefined` for a word that names none. */
export function typeNamed(word: string): ColumnType | undefined {
  return columnTypes.find((type) => type === word) ?? OTHER_NAMES[word]
}
