import { Readable } from 'node:stream'

import type { Clock } from '@tidemark/base'
import { type QueryCell, type TableName, tableNames, tables } from '@tidemark/model'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

import { type Caller, maySee } from '../access/caller.ts'
import type { Workspaces } from '../access/workspaces.ts'
import { DATABASE } from '../clickhouse/schema.ts'
import { refuse } from '../http/api-error.ts'
import type { RowStore } from '../ports.ts'
import { answerCell } from './cells.ts'
import { contentTypeOf, type Format, formatAsked, writerOf } from './formats/formats.ts'
import { parseTimespan, type TimeWindow } from './timespan.ts'

/** Rows that are read, and in memory, at a time, where nothing else is said. */
const PAGE_ROWS = 20_000
const PAGE_MS_MAX = 60_000

export interface ExportDeps {
  readonly store: RowStore
  readonly clock: Clock
  readonly workspaces: Pick<Workspaces, 'find'>
  readonly callerOf: (request: FastifyRequest) => Caller | undefined
  /** The number of the last row that is stored: what arrives later is not in the export. */
  readonly settled: () => number
  /** Rows that are read at a time. */
  readonly pageRows?: number
}

interface ExportRoute {
  Params: { id: string; table: string }
}

/**
 * `GET /v1/workspaces/{id}/tables/{table}/export`: all rows of a table, or of a timespan, as NDJSON, CSV or Arrow. Any
 * number of rows goes through a bounded memory, as fast as they are read.
 */
export function exportRoutes(app: FastifyInstance, deps: ExportDeps): void {
  const reading = { config: { access: 'read' } } as const
  app.get<ExportRoute>('/v1/workspaces/:id/tables/:table/export', reading, async (request, reply) =>
    sendExport(deps, request, reply),
  )
}

async function sendExport(
  deps: ExportDeps,
  request: FastifyRequest<ExportRoute>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { id, table: tableName } = request.params
  const caller = deps.callerOf(request)
  const workspaceId = await deps.workspaces.find(id)
  if (workspaceId === undefined || caller === undefined || !maySee(caller, workspaceId))
    return refuse(reply, 404, { code: 'WorkspaceNotFoundError', message: `there is no workspace ${id}` })
  const table = tableNames.find((one) => one === tableName)
  if (table === undefined)
    return refuse(reply, 404, {
      code: 'TableNotFound',
      message: `there is no table ${tableName}; known: ${tableNames.join(', ')}`,
    })
  const asked = formatAsked(request)
  if (asked === undefined)
    return refuse(reply, 406, { code: 'NotAcceptable', message: 'exports are ndjson, csv or arrow' })
  const format = asked === 'json' ? 'ndjson' : asked
  const text = new URLSearchParams(request.url.split('?')[1] ?? '').get('timespan')
  const timespan = text === null ? undefined : parseTimespan(text, deps.clock.nowMs())
  if (text !== null && timespan === undefined)
    return refuse(reply, 400, { code: 'BadArgumentError', message: `the timespan "${text}" is none` })
  const { pageRows = PAGE_ROWS } = deps
  const what = {
    table,
    workspaceId,
    pageRows,
    settled: deps.settled(),
    ...(timespan === undefined ? {} : { timespan }),
  }
  reply.header('content-type', contentTypeOf(format)).header('vary', 'accept')
  reply.header('content-disposition', `attachment; filename="${table}.${format}"`)
  return await reply.send(Readable.from(exported(deps.store, what, format), { objectMode: false }))
}

interface Exported {
  readonly table: TableName
  readonly workspaceId: string
  readonly settled: number
  readonly pageRows: number
  readonly timespan?: TimeWindow
}

async function* exported(store: RowStore, what: Exported, format: Exclude<Format, 'json'>): AsyncGenerator<Uint8Array> {
  const { columns } = tables[what.table]
  const writer = await writerOf(format, columns)
  yield writer.begin()
  for (let last: Position | undefined; ;) {
    const page = await exportPage(store, what, last)
    if (page.rows.length > 0) yield writer.rows(page.rows)
    if (page.last === undefined) break
    last = page.last
  }
  yield writer.end()
}

/** Of the last row that was read. */
interface Position {
  readonly computer: string
  /** `2026-01-01 00:00:00.0000000` */
  readonly time: string
  readonly arrival: number
}

// In the order of the table's own key, so that each page is read from where the one before it ended. Rows that have the
// same three values come together.
async function exportPage(
  store: RowStore,
  { table, workspaceId, settled, pageRows, timespan }: Exported,
  after: Position | undefined,
): Promise<{ readonly rows: QueryCell[][]; readonly last?: Position }> {
  const { columns } = tables[table]
  const time = "{time:DateTime64(7, 'UTC')}"
  const conditions = [
    'TenantId = {workspace:String}',
    '_Arrival <= {settled:Int64}',
    ...(after === undefined
      ? []
      : [
          'Computer >= {computer:String}',
          `(Computer > {computer:String} OR TimeGenerated > ${time} OR (TimeGenerated = ${time} AND _Arrival > {arrival:Int64}))`,
        ]),
    ...(timespan === undefined
      ? []
      : [
          'TimeGenerated >= fromUnixTimestamp64Milli({start:Int64})',
          'TimeGenerated < fromUnixTimestamp64Milli({end:Int64})',
        ]),
  ]
  const names = columns.map(({ name }) => `\`${name}\``).join(', ')
  const found = await store.select({
    sql: `SELECT Computer, toString(TimeGenerated), _Arrival, ${names} FROM ${DATABASE}.\`${table}\` WHERE ${conditions.join(' AND ')} ORDER BY TenantId, Computer, TimeGenerated, _Arrival LIMIT ${pageRows} WITH TIES`,
    parameters: {
      workspace: workspaceId,
      settled,
      ...after,
      ...(timespan === undefined ? {} : { start: timespan.startMs, end: timespan.endMs }),
    },
    timeMsMax: PAGE_MS_MAX,
    isExact: true,
  })
  const rows = found.map(([, , , ...cells]) => columns.map(({ type }, index) => answerCell(cells[index], type)))
  const [computer, at, arrival] = found.at(-1) ?? []
  if (found.length < pageRows) return { rows }
  return {
    rows,
    last: { computer: String(computer), time: String(at).replace('T', ' ').replace('Z', ''), arrival: Number(arrival) },
  }
}
