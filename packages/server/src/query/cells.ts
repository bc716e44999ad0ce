import { timespanText } from '@tidemark/kql'
import type { ColumnType, QueryCell } from '@tidemark/model'

/** A cell of the store as an answer tells it (protocol: Logs query). */
export function answerCell(value: unknown, type: ColumnType): QueryCell {
  if (value === null || value === undefined) return null
  switch (type) {
    case 'timespan':
      return typeof value === 'number' ? timespanText(BigInt(value)) : null
    case 'bool':
      return typeof value === 'boolean' ? value : Boolean(value)
    case 'dynamic':
      return value === '' ? null : text(value)
    case 'int':
    case 'long':
      return typeof value === 'number' ? value : Number(value)
    case 'real':
    case 'decimal':
      return typeof value === 'string' ? (NOT_FINITE[value] ?? Number(value)) : Number(value)
    case 'datetime':
    case 'guid':
    case 'string':
      return text(value)
  }
}

/** What JSON has no number for, as Kusto writes it. */
const NOT_FINITE: Readonly<Record<string, string>> = {
  nan: 'NaN',
  '-nan': 'NaN',
  inf: 'Infinity',
  '-inf': '-Infinity',
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
