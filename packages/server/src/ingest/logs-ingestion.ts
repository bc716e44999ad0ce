import { newUuid, type Parsed } from '@tidemark/base'
import type { TableName } from '@tidemark/model'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'

import { type Caller, maySee } from '../access/caller.ts'
import { refuse } from '../http/api-error.ts'
import type { Admission } from './admission.ts'
import type { ArrivedRow } from './coercion.ts'
import { type StoreDeps, storeRows } from './store-rows.ts'
import { bodyText, enterRoom, storeFailed, takeRawBodies } from './upload-room.ts'

/** Bytes of one call after decompression (protocol: Logs Ingestion). */
export const CALL_BYTES_MAX = 1_048_576

/** What a rule says of its streams. */
export interface FlowingRule {
  readonly immutableId: string
  readonly properties: {
    readonly dataFlows: readonly {
      readonly streams: readonly string[]
      readonly destinations: readonly string[]
      readonly outputStream?: unknown
      readonly transformKql?: unknown
    }[]
    readonly destinations: {
      readonly logAnalytics: readonly { readonly name: string; readonly workspaceId?: string | undefined }[]
    }
  }
}

export interface LogsIngestionDeps extends StoreDeps {
  readonly log: Logger
  readonly admission: Admission
  readonly ruleOf: (immutableId: string) => Promise<FlowingRule | undefined>
  readonly callerOf: (request: FastifyRequest) => Caller | undefined
}

interface StreamParams {
  Params: { rule: string; stream: string }
}

/** `POST /dataCollectionRules/{immutableId}/streams/{stream}`: 204 when the store has the rows. */
export function logsIngestionRoutes(app: FastifyInstance, deps: LogsIngestionDeps): void {
  app.register(async (scope) => {
    await Promise.resolve()
    takeRawBodies(scope, CALL_BYTES_MAX)
    scope.addHook('onRequest', async (request, reply) => {
      await Promise.resolve()
      const holder = deps.callerOf(request)?.holder ?? ''
      return enterRoom(deps.admission, `token:${holder}`, { request, reply, bytesMax: CALL_BYTES_MAX })
    })
    const ingesting = { config: { access: 'ingest' } } as const
    scope.post<StreamParams>('/dataCollectionRules/:rule/streams/:stream', ingesting, async (request, reply) =>
      takeCall(deps, request, reply),
    )
  })
}

async function takeCall(
  deps: LogsIngestionDeps,
  request: FastifyRequest<StreamParams>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { rule: immutableId, stream } = request.params
  if (!hasVersion(request.url))
    return refuse(reply, 400, {
      code: 'MissingApiVersionParameter',
      message: 'the address needs api-version=2023-01-01',
    })
  const rule = await deps.ruleOf(immutableId)
  if (rule === undefined)
    return refuse(reply, 404, { code: 'NotFound', message: `there is no rule with the immutable id ${immutableId}` })
  const target = targetOf(rule, stream)
  if (typeof target === 'string') return refuse(reply, 400, { code: 'InvalidStream', message: target })
  const caller = deps.callerOf(request)
  const hidden = target.workspaceIds.find((id) => caller === undefined || !maySee(caller, id))
  if (hidden !== undefined)
    return refuse(reply, 403, { code: 'Forbidden', message: `the token is not for the workspace ${hidden}` })
  const text = await bodyText(request, reply, CALL_BYTES_MAX)
  if (typeof text !== 'string') return text
  const parsed = parseRows(text)
  if (parsed.kind === 'rejected')
    return refuse(reply, 400, { code: 'InvalidPayload', message: 'the body is wrong', problems: parsed.problems })
  const batchId = batchIdOf(request)
  try {
    for (const workspaceId of target.workspaceIds)
      await storeRows(deps, {
        table: target.table,
        items: parsed.value,
        owner: `${caller?.holder ?? ''}|${rule.immutableId}|${stream}|${workspaceId}`,
        batchId,
        // Which machine rows are about is their own word: only a machine's token can vouch for one.
        stamp: { workspaceId, resourceId: '', sourceSystem: 'RestAPI' },
      })
    return await reply.code(204).send()
  } catch (error) {
    return storeFailed(error, batchId, { reply, log: deps.log })
  }
}

/** The official clients repeat a request under the id that it had; without one each request is a batch of its own. */
function batchIdOf({ headers }: FastifyRequest): string {
  const id = headers['x-ms-client-request-id']
  return typeof id === 'string' && /^[0-9a-f-]{36}$/i.test(id) ? id.toLowerCase() : newUuid()
}

const TABLES: Readonly<Record<string, TableName>> = {
  'Microsoft-ConfigurationChange': 'ConfigurationChange',
  'Microsoft-ConfigurationChangeV2': 'ConfigurationChange',
  'Microsoft-ConfigurationData': 'ConfigurationData',
  'Microsoft-Heartbeat': 'Heartbeat',
}

/** Where a rule sends a stream, or why it sends it nowhere. */
export function targetOf(
  rule: FlowingRule,
  stream: string,
): { readonly table: TableName; readonly workspaceIds: readonly string[] } | string {
  const { dataFlows, destinations } = rule.properties
  const flow = dataFlows.find(({ streams }) => streams.includes(stream))
  if (flow === undefined) return `the rule has no flow with the stream ${stream}`
  const output = typeof flow.outputStream === 'string' ? flow.outputStream : stream
  const table = Object.hasOwn(TABLES, output) ? TABLES[output] : undefined
  if (table === undefined)
    return `${output} is no table here: set outputStream of the flow to one of ${Object.keys(TABLES).join(', ')}`
  const { transformKql } = flow
  if (typeof transformKql === 'string' && transformKql.trim() !== 'source')
    return `the flow of ${stream} has a transformKql, which is not supported: only "source" is`
  const ids = destinations.logAnalytics.filter(({ name }) => flow.destinations.includes(name))
  const workspaceIds = [...new Set(ids.flatMap(({ workspaceId }) => workspaceId ?? []))]
  return workspaceIds.length === 0 ? `the flow of ${stream} goes to no workspace` : { table, workspaceIds }
}

/** A JSON array of objects, or where it is none. */
export function parseRows(text: string): Parsed<readonly ArrivedRow[]> {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch (error) {
    return {
      kind: 'rejected',
      problems: [{ where: '', message: error instanceof Error ? error.message : String(error) }],
    }
  }
  if (!Array.isArray(document)) return { kind: 'rejected', problems: [{ where: '', message: 'is no JSON array' }] }
  const rows: ArrivedRow[] = []
  for (const [index, row] of document.entries()) {
    if (typeof row !== 'object' || row === null || Array.isArray(row))
      return { kind: 'rejected', problems: [{ where: `[${index}]`, message: 'is no object' }] }
    rows.push(row)
  }
  return { kind: 'parsed', value: rows }
}

/** The official client percent-encodes the hyphen in the name. */
function hasVersion(url: string): boolean {
  const parameters = new URLSearchParams(url.split('?')[1] ?? '')
  return [...parameters].some(([name, value]) => name.toLowerCase() === 'api-version' && /^\d{4}-\d\d-\d\d/.test(value))
}
