import type { ExtensionStatus } from '@tidemark/model'

import { self } from '../host/machine.ts'
import type { RuleInForce } from '../rules/config-chunks.ts'
import type { FetchState } from '../rules/fetching.ts'
import type { SinkStream } from '../sink/sink-stream.ts'
import type { Sockets } from '../sockets/sockets.ts'
import type { DestinationState } from '../upload/uploads.ts'
import { version } from '../version.ts'
import type { AgentStatus } from './status.ts'

/** What the agent knows of itself at a moment. */
export interface AgentFacts {
  readonly startedAtMs: number
  readonly nowMs: number
  readonly serverUrl: string
  readonly fetchState: FetchState
  readonly rules: readonly RuleInForce[]
  readonly ruleTroubles: readonly string[]
  readonly streams: readonly { readonly stream: SinkStream; readonly destinations: readonly DestinationState[] }[]
  readonly sockets: Pick<Sockets, 'addresses' | 'refusedCount' | 'connectionCount'> | undefined
  readonly lastHeartbeatMs: number | undefined
  readonly extension: { readonly status: ExtensionStatus; readonly atMs: number } | undefined
}

/** The document of `status.json`. */
export function statusOf(facts: AgentFacts): AgentStatus {
  const { fetchState, sockets, lastHeartbeatMs, extension } = facts
  return {
    pid: self.pid,
    version,
    startedAt: iso(facts.startedAtMs),
    writtenAt: iso(facts.nowMs),
    server: {
      url: facts.serverUrl,
      isReachable: fetchState.error === undefined,
      ...(fetchState.error === undefined ? {} : { lastError: fetchState.error }),
    },
    rules: facts.rules.map(({ id, eTag }) => ({ id, eTag })),
    ruleProblems: [...fetchState.problems, ...facts.ruleTroubles],
    streams: facts.streams.map(streamStatus),
    sockets: [...(sockets?.addresses ?? [])],
    connections: sockets?.connectionCount ?? 0,
    refusedMessages: sockets?.refusedCount ?? 0,
    ...(lastHeartbeatMs === undefined ? {} : { lastHeartbeatAt: iso(lastHeartbeatMs) }),
    ...(extension === undefined ? {} : { extension: extensionOf(extension) }),
  }
}

function streamStatus({ stream, destinations }: AgentFacts['streams'][number]): AgentStatus['streams'][number] {
  const lastUploadMs = destinations.flatMap((each) => each.lastUploadMs ?? [])
  const oldestMs = stream.backlogBytes > 0 ? stream.oldestMs : undefined
  const lastError = stream.trouble ?? destinations.find((each) => each.lastError !== undefined)?.lastError
  return {
    id: stream.id,
    backlogBytes: stream.backlogBytes,
    storedBytes: stream.storedBytes,
    ...(oldestMs === undefined ? {} : { oldestAt: iso(oldestMs) }),
    ...(lastUploadMs.length === 0 ? {} : { lastUploadAt: iso(Math.max(...lastUploadMs)) }),
    ...(lastError === undefined ? {} : { lastError }),
    refusedCount: destinations.reduce((sum, { refusedCount }) => sum + refusedCount, 0),
    isUploaded: destinations.length > 0,
    hasUntoldDrops: stream.hasUntold,
    destinations: destinations.map(({ channel, backlogBytes, isDraining, lastError: error }) => ({
      channel,
      backlogBytes,
      isDraining,
      ...(error === undefined ? {} : { lastError: error }),
    })),
  }
}

function extensionOf({ status, atMs }: NonNullable<AgentFacts['extension']>): AgentStatus['extension'] {
  return {
    name: status.ExtensionName,
    version: status.Version,
    status: status.Status,
    detail: status.Detail,
    at: iso(atMs),
  }
}

function iso(momentMs: number): string {
  return new Date(momentMs).toISOString()
}
