import { gzipSync } from 'node:zlib'

import type { Clock, Outcome } from '@tidemark/base'
import {
  type Channel,
  type MachineIdentity,
  type MachineRegistration,
  managementGroupId,
  type Row,
  type UploadBody,
  uploadPath,
} from '@tidemark/model'

import { version } from '../version.ts'
import { type IngestionTokens, TokenRefused } from './ingestion-tokens.ts'
import { outcomeOf } from './outcome.ts'
import type { Transport } from './transport.ts'

/** What every upload of this machine needs. */
export interface Sender {
  readonly transport: Transport
  readonly tokens: IngestionTokens
  readonly machine: MachineIdentity
  readonly registration: () => MachineRegistration
  readonly clock: Clock
}

/** Rows of one data type, under the id that stays the same at every try. */
export interface Upload {
  readonly channel: Channel
  readonly batchId: string
  readonly dataType: string
  readonly solution: string
  readonly rows: readonly Row[]
}

/** The status by which a server says that a body is too large for it. */
export const TOO_LARGE = 'too large'

/** Sends one upload once. Never rejects, except by the signal's abort. A 413 is refused with `TOO_LARGE` as its reason. */
export async function postUpload(sender: Sender, upload: Upload, signal: AbortSignal): Promise<Outcome> {
  const outcome = await attempt(sender, upload, signal)
  if (outcome.kind !== 'unauthorised') return outcome
  // A token that ran out between asking and posting is renewed once.
  sender.tokens.forget(upload.channel)
  const again = await attempt(sender, upload, signal)
  return again.kind === 'unauthorised' ? { kind: 'unavailable', reason: again.reason } : again
}

type Attempt = Outcome | { readonly kind: 'unauthorised'; readonly reason: string }

async function attempt(sender: Sender, upload: Upload, signal: AbortSignal): Promise<Attempt> {
  const { transport, clock } = sender
  try {
    const token = await sender.tokens.token(upload.channel, signal)
    const url = `${upload.channel.endpoint.replace(/\/+$/, '')}${uploadPath}`
    const answer = await transport({
      method: 'POST',
      url,
      headers: headersOf(sender, upload, token),
      body: gzipSync(JSON.stringify(bodyOf(sender, upload))),
      signal,
    })
    if (answer.status === 401 || answer.status === 403)
      return { kind: 'unauthorised', reason: `status ${answer.status}: ${answer.text.slice(0, 300)}` }
    if (answer.status === 413) return { kind: 'refused', reason: TOO_LARGE }
    return outcomeOf(answer, clock.nowMs())
  } catch (error) {
    signal.throwIfAborted()
    const reason = error instanceof Error ? error.message : String(error)
    // A machine that the server no longer knows may be known again tomorrow: its rows are kept.
    return error instanceof TokenRefused && error.status === 401
      ? { kind: 'unavailable', reason: `${reason} (is this machine still registered?)` }
      : { kind: 'unavailable', reason }
  }
}

function headersOf(sender: Sender, upload: Upload, token: string): Record<string, string> {
  const { registration, machine, clock } = sender
  const { resourceId, region } = registration()
  return {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    'content-encoding': 'gzip',
    'x-request-id': upload.batchId,
    'x-ms-date': new Date(clock.nowMs()).toUTCString(),
    'x-ms-azureresourceid': resourceId,
    'x-ms-azureregion': region,
    'x-ms-uuid': machine.sourceComputerId,
    'user-agent': `tidemark-agent/${version}`,
  }
}

function bodyOf({ machine }: Sender, { dataType, solution, rows }: Upload): UploadBody {
  return {
    DataType: dataType,
    IPName: solution,
    ManagementGroupId: managementGroupId,
    sourceHealthServiceId: machine.sourceComputerId,
    type: 'JsonData',
    DataItems: rows,
  }
}
