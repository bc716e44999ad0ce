import { z } from 'zod'

/** Machines that a rule is for, beside those that it is associated with one by one. */
export const ruleTarget = z.discriminatedUnion('kind', [
  /** Every machine, those that come later included. */
  z.strictObject({ kind: z.literal('all') }),
  /** Machines whose name matches a pattern (`web-*`, `?` for one character), whatever its letter case. */
  z.strictObject({ kind: z.literal('name'), pattern: z.string().trim().min(1).max(253) }),
  /** Machines that a saved query finds. */
  z.strictObject({ kind: z.literal('group'), group: z.string().min(1).max(200) }),
])
export type RuleTarget = z.infer<typeof ruleTarget>

/** `POST /api/rules/{rule}/restore`: makes what a version says the newest version. */
export const restoreRequest = z.strictObject({ version: z.number().int().min(1) })

/** One saved version of a rule, `GET /api/rules/{rule}/versions`, newest first. */
export interface RuleVersion {
  /** Counts from 1 for each rule. */
  readonly version: number
  readonly savedAt: string
  /** `admin`, the name of a token, or empty where the server made it. */
  readonly savedBy: string
  /** The version whose document it took over; null where somebody wrote it. */
  readonly restoredFrom: number | null
}

/** `GET /api/rules/{rule}/versions/{version}`. */
export interface RuleVersionDetail extends RuleVersion {
  readonly document: Readonly<Record<string, unknown>>
}

/** A rule in the list, an element of `GET /api/rules`, `{ rules: RuleSummary[] }`. */
export interface RuleSummary {
  /** `dcr-` and 32 hex digits: what `{rule}` is in addresses. */
  readonly immutableId: string
  /** ARM id: where it is put and deleted. */
  readonly id: string
  readonly name: string
  readonly description: string
  readonly version: number
  readonly savedAt: string
  readonly savedBy: string
  /** Whether it is a rule of change tracking for Linux; the rest is empty where it is not. */
  readonly isTracking: boolean
  readonly tracks: readonly ('files' | 'software' | 'daemons' | 'inventory')[]
  /** Entries of files, and how many of them are enabled. */
  readonly entryCount: number
  readonly enabledCount: number
  readonly keepsContent: boolean
  /** Seconds between two looks; 0 where the rule does not track them. */
  readonly frequencies: { readonly files: number; readonly software: number; readonly daemons: number }
  /** Machines that are known and have it, however they came to it. */
  readonly machineCount: number
  readonly targets: readonly RuleTarget[]
}

/** `GET /api/rules/{rule}`. */
export interface RuleDetail extends RuleSummary {
  readonly etag: string
  /** As it was saved last. */
  readonly document: Readonly<Record<string, unknown>>
  /** Machines that it is associated with one by one; ARM ids. */
  readonly associated: readonly { readonly resourceId: string; readonly association: string }[]
  /** All machines that have it, ARM ids with their names. */
  readonly machines: readonly { readonly resourceId: string; readonly computer: string }[]
}
