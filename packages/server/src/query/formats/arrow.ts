import type { ColumnType, QueryCell } from '@tidemark/model'
import {
  Bool,
  type Data,
  type DataType,
  Field,
  Float64,
  Int64,
  makeBuilder,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  tableToIPC,
  TimestampNanosecond,
  Utf8,
} from 'apache-arrow'

import type { RowWriter, WrittenColumn } from './row-writer.ts'

/** The end of a stream: a message of no length (Arrow columnar format, "IPC Streaming Format"). */
const END = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0)

/**
 * Apache Arrow's IPC stream: whole numbers as int64, reals as float64, datetimes as timestamp[ns, UTC], everything else as
 * text; each column may be null. The schema comes first, and each page is a record batch.
 */
export function arrowWriter(columns: readonly WrittenColumn[]): RowWriter {
  const schema = new Schema(columns.map(({ name, type }) => new Field(name, typeOf(type), true)))
  const stream = (batches: RecordBatch[]): Uint8Array => tableToIPC(new Table(schema, batches), 'stream')
  const start = firstMessage(stream([]))
  return {
    begin: () => start,
    rows: (rows) =>
      rows.length === 0
        ? new Uint8Array()
        : stream([batchOf(schema, columns, rows)]).subarray(start.length, -END.length),
    end: () => END,
  }
}

/** ┌ 0xffffffff ┬ length u32 ┬ metadata … ┐ and no body: the schema. */
function firstMessage(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  return bytes.slice(0, 8 + view.getUint32(4, true))
}

function typeOf(type: ColumnType): DataType {
  switch (type) {
    case 'bool':
      return new Bool()
    case 'int':
    case 'long':
      return new Int64()
    case 'real':
    case 'decimal':
      return new Float64()
    case 'datetime':
      return new TimestampNanosecond('UTC')
    case 'dynamic':
    case 'guid':
    case 'string':
    case 'timespan':
      return new Utf8()
  }
}

function batchOf(
  schema: Schema,
  columns: readonly WrittenColumn[],
  rows: readonly (readonly QueryCell[])[],
): RecordBatch {
  const children = columns.map(({ type }, index) => columnOf(type, rows, index))
  const struct = new Struct(schema.fields)
  return new RecordBatch(schema, makeData({ type: struct, length: rows.length, nullCount: 0, children }))
}

function columnOf(type: ColumnType, rows: readonly (readonly QueryCell[])[], index: number): Data {
  // The library's builder takes moments as milliseconds only: they are built as the whole numbers that they are.
  const builder = makeBuilder({ type: type === 'datetime' ? new Int64() : typeOf(type), nullValues: [null] })
  for (const row of rows) builder.append(arrowValue(row[index] ?? null, type))
  const [data] = builder.finish().toVector().data
  if (data === undefined) throw new Error('a column of Arrow has no data')
  if (type !== 'datetime') return data
  const { length, nullCount, nullBitmap, values } = data
  return makeData({ type: new TimestampNanosecond('UTC'), length, nullCount, nullBitmap, data: values })
}

function arrowValue(cell: QueryCell, type: ColumnType): string | number | bigint | boolean | null {
  if (cell === null) return null
  if (type === 'datetime') return nanoseconds(String(cell))
  if (type === 'real' || type === 'decimal') return Number(cell)
  return type === 'int' || type === 'long' ? BigInt(Math.trunc(Number(cell))) : cell
}

/** Since 1970, of ISO 8601 text with up to seven digits behind the second; null for what 64 bits do not hold. */
function nanoseconds(text: string): bigint | null {
  const [, whole = '', fraction = ''] = /^(.*?)(?:\.(\d+))?Z?$/.exec(text) ?? []
  const ms = Date.parse(`${whole}Z`)
  if (Number.isNaN(ms)) return null
  const value = BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, '0').slice(0, 9))
  return BigInt.asIntN(64, value) === value ? value : null
}
