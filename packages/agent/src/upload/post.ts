import type { Clock, Outcome } from '@tidemark/base'
import {
  type Channel,
  type MachineIdentity,
  type MachineRegistration,
  managementGroupId,
  type OdsChannel,
  type Row,
  type UploadBody,
  uploadPath,
} from '@tidemark/model'

import { version } from '../version.ts'
import { type Encoding, encoded, type Encodings } from './encodings.ts'
import { type IngestionTokens, TokenRefused } from './ingestion-tokens.ts'
import { outcomeOf } from './outcome.ts'
import type { Answer, Transport } from './transport.ts'

/** What every upload of this machine needs. */
export interface Sender {
  readonly transport: Transport
  readonly tokens: IngestionTokens
  readonly encodings: Encodings
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

/** What became of an upload, and the bytes that went over the wire for it. */
export type Posted = Outcome & {
  readonly bytesSent: number
  /** Of a refusal: the rows that were refused, where others were taken. */
  readonly refusedRows?: readonly Row[]
}

/** Sends one upload once. Never rejects, except by the signal's abort. A body that is too large is refused with `TOO_LARGE`. */
export type Post = (upload: Upload, signal: AbortSignal) => Promise<Posted>

type OdsUpload = Upload & { readonly channel: OdsChannel }

/** The status by which a server says that a body is too large for it. */
export const TOO_LARGE = 'too large'

/** The status by which a server says that it does not know a body's coding. */
const UNKNOWN_CODING = 415

/** Sends one upload to a server that speaks ODS, as `Post` says. */
export async function postUpload(sender: Sender, upload: OdsUpload, signal: AbortSignal): Promise<Posted> {
  const tried = { bytesSent: 0 }
  const first = await attempt(sender, upload, { signal, tried })
  if (first.kind !== 'unauthorised' && first.kind !== 'unknown-coding') return { ...first, ...tried }
  // A token that ran out between asking and posting is renewed once; a coding that is not known is changed once.
  if (first.kind === 'unauthorised') sender.tokens.forget(upload.channel)
  const again = await attempt(sender, upload, { signal, tried })
  if (again.kind === 'unauthorised') return { kind: 'unavailable', reason: again.reason, ...tried }
  return again.kind === 'unknown-coding' ? { kind: 'refused', reason: again.reason, ...tried } : { ...again, ...tried }
}

type Attempt =
  | Outcome
  | { readonly kind: 'unauthorised'; readonly reason: string }
  | { readonly kind: 'unknown-coding'; readonly reason: string }

interface Try {
  readonly signal: AbortSignal
  readonly tried: { bytesSent: number }
}

async function attempt(sender: Sender, upload: OdsUpload, { signal, tried }: Try): Promise<Attempt> {
  try {
    const token = await sender.tokens.token(upload.channel, signal)
    const url = `${upload.channel.endpoint.replace(/\/+$/, '')}${uploadPath}`
    const encoding = sender.encodings.of(url)
    const body = await encoded(JSON.stringify(bodyOf(sender, upload)), encoding)
    tried.bytesSent += body.length
    const headers = headersOf(sender, upload, { token, encoding })
    const answer = await sender.transport({ method: 'POST', url, headers, body, signal })
    return meaningOf(sender, answer, url)
  } catch (error) {
    signal.throwIfAborted()
    const reason = error instanceof Error ? error.message : String(error)
    if (!(error instanceof TokenRefused)) return { kind: 'unavailable', reason }
    // A machine that the server no longer knows may be known again tomorrow: its rows are kept.
    const hint = error.status === 401 ? ' (is this machine still registered?)' : ''
    const { retryAfterMs } = error
    return {
      kind: 'unavailable',
      reason: `${reason}${hint}`,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    }
  }
}

function meaningOf({ encodings, clock }: Sender, answer: Answer, url: string): Attempt {
  const offer = answer.headers['accept-encoding']
  if (answer.status === UNKNOWN_CODING && encodings.refused(url, offer))
    return { kind: 'unknown-coding', reason: `status 415: ${answer.text.slice(0, 300)}` }
  encodings.learn(url, offer)
  if (answer.status === 401 || answer.status === 403)
    return { kind: 'unauthorised', reason: `status ${answer.status}: ${answer.text.slice(0, 300)}` }
  if (answer.status === 413) return { kind: 'refused', reason: TOO_LARGE }
  return outcomeOf(answer, clock.nowMs())
}

function headersOf(
  sender: Sender,
  upload: Upload,
  { token, encoding }: { readonly token: string; readonly encoding: Encoding },
): Record<string, string> {
  const { registration, machine, clock } = sender
  const { resourceId, region } = registration()
  return {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    ...(encoding === 'identity' ? {} : { 'content-encoding': encoding }),
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
