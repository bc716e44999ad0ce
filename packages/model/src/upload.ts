import type { Row } from './row.ts'

/** The body of one upload: rows of one data type (protocol.md §4). */
export interface UploadBody {
  readonly DataType: string
  readonly IPName: string
  readonly ManagementGroupId: string
  /** The machine's `sourceComputerId`. */
  readonly sourceHealthServiceId: string
  readonly type: 'JsonData'
  readonly DataItems: readonly Row[]
}

/** Path of the upload below a channel's endpoint. */
export const uploadPath = '/OperationalData.svc/PostJsonDataItems?api-version=2016-04-01'
/** The management group id that clients of this protocol send. */
export const managementGroupId = '00000000-0000-0000-0000-000000000002'
/** Bytes of one upload's body after decompression at most: the server refuses more with 413. */
export const UPLOAD_BYTES_MAX = 32 * 1024 * 1024

/** What the answer of an upload means to the sender: 2xx taken, these again later, any other status never again. */
export const uploadStatusesToRepeat: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504])

/** An item of HEALTH_ASSESSMENT_BLOB: the agent's heartbeat. The columns after `ComputerPrivateIps` are ours. */
export interface HeartbeatItem {
  readonly Timestamp: string
  readonly Computer: string
  readonly SourceComputerId: string
  readonly VMUUID: string
  readonly OSType: 'Linux'
  readonly Category: 'Azure Monitor Agent'
  readonly SCAgentChannel: 'Direct'
  /** The agent's version. */
  readonly Version: string
  readonly OSName: string
  readonly OSMajorVersion: string
  readonly OSMinorVersion: string
  /** JSON text of an array of addresses. */
  readonly ComputerPrivateIps: string
  readonly ExtensionVersion: string
  readonly ExtensionStatus: string
  /** JSON text: rule's immutable id to the eTag in force. */
  readonly RuleVersions: string
  readonly BacklogBytes: number
}
