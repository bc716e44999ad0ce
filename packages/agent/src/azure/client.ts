import type { TokenCredential } from '@azure/identity'
import { isAggregateLogsUploadError, LogsIngestionClient } from '@azure/monitor-ingestion'
import type { Clock } from '@tidemark/base'

import { version } from '../version.ts'
import type { AzureSettings } from '../settings.ts'
import type { IngestionAnswer, IngestionCall, IngestionRequest } from './calls.ts'
import { credentialOf } from './credential.ts'
import { connectionTo } from './http-client.ts'

/** Statuses after which the token is asked for anew. */
const DOUBTED: ReadonlySet<number> = new Set([401, 403])

/** Azure's client for each endpoint, made when it is first called, and anew where its token was not taken. */
export function azureClients(settings: AzureSettings, clock: Clock): IngestionCall {
  const clients = new Map<string, { readonly client: LogsIngestionClient; readonly heard: Heard }>()
  return async (request, signal) => {
    const { endpoint } = request.channel
    const made = clients.get(endpoint) ?? (await clientOf(settings, endpoint, clock))
    clients.set(endpoint, made)
    try {
      const answer = await called(made, request, signal)
      if (DOUBTED.has(answer.status)) clients.delete(endpoint)
      return answer
    } catch (error) {
      // The secret may be another one by now.
      clients.delete(endpoint)
      throw error
    }
  }
}

/** What passes through a client's pipeline, by the id of the request: the client itself tells neither delays nor sizes. */
interface Heard {
  requestId: string
  readonly answers: Map<string, Omit<IngestionAnswer, 'text'>>
}

/** One call. Rejects with what went wrong where there was no answer. */
async function called(
  { client, heard }: { readonly client: LogsIngestionClient; readonly heard: Heard },
  { channel, stream, rows, requestId }: IngestionRequest,
  signal: AbortSignal,
): Promise<IngestionAnswer> {
  heard.requestId = requestId
  heard.answers.clear()
  let text = ''
  let failed = new Error(`${channel.endpoint} was not asked`)
  try {
    const logs = rows.map((row) => ({ ...row }))
    await client.upload(channel.immutableId, stream, logs, { maxConcurrency: 1, abortSignal: signal })
  } catch (error) {
    const cause = isAggregateLogsUploadError(error) ? error.errors[0]?.cause : error
    failed = cause instanceof Error ? cause : new Error(String(cause))
    text = failed.message
  }
  // The client ends quietly when it is aborted.
  signal.throwIfAborted()
  const answer = heard.answers.get(requestId)
  if (answer !== undefined) return { ...answer, text }
  throw failed
}

async function clientOf(settings: AzureSettings, endpoint: string, clock: Clock) {
  const connection = connectionTo(endpoint, settings)
  const credential: TokenCredential = await credentialOf(settings, clock)
  const client = new LogsIngestionClient(endpoint, credential, {
    ...connection,
    audience: settings.azure.audience,
    // Waits are the gate's: one place decides when a server is asked again.
    retryOptions: { maxRetries: 0 },
    userAgentOptions: { userAgentPrefix: `tidemark-agent/${version}` },
  })
  const heard: Heard = { requestId: '', answers: new Map() }
  client.pipeline.addPolicy(
    {
      name: 'TidemarkListens',
      sendRequest: async (request, next) => {
        const { requestId } = heard
        request.headers.set('x-ms-client-request-id', requestId)
        const answer = await next(request)
        const bytesSent = request.body instanceof Uint8Array ? request.body.length : 0
        const headers = Object.fromEntries(
          ['retry-after', 'date'].map((name) => [name, answer.headers.get(name)] as const),
        )
        heard.answers.set(requestId, { status: answer.status, headers, bytesSent })
        return answer
      },
    },
    { afterPolicies: ['GzippingPolicy'] },
  )
  return { client, heard }
}
