import type { ExtensionStatus, TrackedType } from '@tidemark/model'

import type { Gap } from '../collector.ts'
import type { EntryCost } from '../files/entry-costs.ts'
import type { FilesStatus } from '../files/file-tracking.ts'
import type { FileWatching } from '../files/file-watching.ts'

/** How the looks of one type go. */
export interface TypeStatus {
  readonly count: number
  /** ISO 8601; absent before the first look. */
  readonly lastRunAt?: string
  readonly lastRunMs?: number
  /** Why the last look failed. */
  readonly lastError?: string
  /** Of files: what each entry covers and costs. */
  readonly entries?: readonly EntryCost[]
  readonly gaps: readonly Gap[]
}

/** What stands in `status.json` beside the log. */
export interface ChangeTrackingStatus {
  readonly pid: number
  readonly version: string
  readonly startedAt: string
  /** `Baseline` until everything was looked at once, `Degraded` where something cannot be seen, else `Ready`. */
  readonly status: 'Baseline' | 'Ready' | 'Degraded'
  /** One sentence; empty when all is well. */
  readonly detail: string
  readonly types: Readonly<Partial<Record<TrackedType, Omit<TypeStatus, 'gaps'>>>>
  /** Of the scan that runs: paths and bytes seen so far. */
  readonly filesProgress?: FilesStatus['progress']
  /** How changes of files are seen at once: by which of the kernel's ways, or not. */
  readonly watchMethod: FileWatching['method']
  /** What cannot be seen at the moment; at most `GAPS_TOLD_MAX`. */
  readonly gaps: readonly Gap[]
  /** Chunks that the agent has not taken yet. */
  readonly outboxCount: number
  readonly rules: readonly string[]
}

/** Gaps in the status; the rest is in the table. */
export const GAPS_TOLD_MAX = 100

/** Puts the status together. `types` holds the types that a rule asks for. */
export function statusOf(facts: {
  readonly pid: number
  readonly version: string
  readonly startedAt: string
  readonly types: ReadonlyMap<TrackedType, TypeStatus>
  readonly rules: readonly string[]
  readonly ruleProblems: readonly string[]
  readonly agentTrouble: string | undefined
  readonly outboxCount: number
  readonly filesProgress: FilesStatus['progress']
  readonly watchMethod: FileWatching['method']
}): ChangeTrackingStatus {
  const { types, ruleProblems, agentTrouble, rules } = facts
  const gaps = [...types.values()].flatMap((type) => type.gaps).filter(({ detail }) => detail !== '')
  // What is not seen at once is seen on schedule: that is told, and no trouble.
  const hidden = gaps.filter(({ reason }) => reason !== 'watch-unavailable')
  const isFirst = rules.length === 0 || [...types.values()].some(({ lastRunAt }) => lastRunAt === undefined)
  const errors = [...types].flatMap(([type, { lastError }]) =>
    lastError === undefined ? [] : [`${type}: ${lastError}`],
  )
  const troubles = [...errors, ...ruleProblems, ...(agentTrouble === undefined ? [] : [agentTrouble])]
  const detail = rules.length === 0 ? waitingText(agentTrouble) : (troubles[0] ?? hidden[0]?.detail ?? '')
  return {
    pid: facts.pid,
    version: facts.version,
    startedAt: facts.startedAt,
    status: isFirst ? 'Baseline' : troubles.length + hidden.length > 0 ? 'Degraded' : 'Ready',
    detail,
    types: Object.fromEntries([...types].map(([type, { gaps: _gaps, ...rest }]) => [type, rest])),
    gaps: gaps.slice(0, GAPS_TOLD_MAX).map(({ reason, subject, detail: text }) => ({ reason, subject, detail: text })),
    outboxCount: facts.outboxCount,
    ...(facts.filesProgress === undefined ? {} : { filesProgress: facts.filesProgress }),
    watchMethod: facts.watchMethod,
    rules,
  }
}

function waitingText(agentTrouble: string | undefined): string {
  return agentTrouble === undefined ? 'no rule asks for anything yet' : `waiting for the agent's rules: ${agentTrouble}`
}

/** The same for the agent, as one record. */
export function extensionStatusOf(status: ChangeTrackingStatus, name: string): ExtensionStatus {
  return {
    ExtensionName: name,
    Version: status.version,
    Status: status.status,
    Detail: status.detail.slice(0, 1_000),
    Summary: JSON.stringify(summaryOf(status.types)),
  }
}

/** Without what each entry covers: the agent passes the summary on with every heartbeat. */
function summaryOf(types: ChangeTrackingStatus['types']): object {
  return Object.fromEntries(Object.entries(types).map(([type, { entries: _entries, ...rest }]) => [type, rest]))
}
