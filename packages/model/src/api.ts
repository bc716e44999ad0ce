import { z } from 'zod'

import type { ColumnType } from './tables.ts'

/** Error of every HTTP answer that is not 2xx, as Azure's clients read it. */
export interface ApiError {
  readonly error: {
    readonly code: string
    readonly message: string
    readonly target?: string
    readonly details?: readonly { readonly code: string; readonly message: string; readonly target?: string }[]
    readonly innererror?: unknown
  }
}

/** `POST /v1/workspaces/{id}/query`. */
export const queryRequest = z.looseObject({
  query: z.string(),
  /** `P1D`, `start/end`, `start/duration`, `duration/end`. */
  timespan: z.string().optional(),
  workspaces: z.array(z.string()).optional(),
})
export type QueryRequest = z.infer<typeof queryRequest>

/** One value of a result: datetimes as ISO 8601 text, dynamics as JSON text, nulls as null. */
export type QueryCell = string | number | boolean | null

/** A table of an answer; the first one is `PrimaryResult`. */
export interface QueryTable {
  readonly name: string
  readonly columns: readonly { readonly name: string; readonly type: ColumnType }[]
  readonly rows: readonly (readonly QueryCell[])[]
}

/** The answer of a query; `error` beside tables means that the result is partial. */
export interface QueryResponse {
  readonly tables: readonly QueryTable[]
  /** Where `Prefer: include-statistics=true` asks for it; seconds, rows, characters. */
  readonly statistics?: {
    readonly query: {
      readonly executionTime: number
      readonly datasetStatistics: readonly { readonly tableRowCount: number; readonly tableSize: number }[]
    }
  }
  /** Where `Prefer: include-render=true` asks for it: the chart of a final `render`. */
  readonly render?: { readonly visualization: string | null }
  /** Ours: what is no mistake and yet probably not meant, such as a value that its column never holds; left out where there is none. */
  readonly hints?: readonly QueryProblem[]
  readonly error?: ApiError['error']
}

/** Where a mistake stands in a query, in `error.innererror.problems` of a 400. Lines and columns count from 1. */
export interface QueryProblem {
  readonly code: string
  readonly message: string
  readonly line: number
  readonly column: number
  readonly offset: number
  readonly length: number
  readonly suggestion?: string
}

/** `POST /api/query/complete`: what may stand at a place of a query, and which part of it that replaces; in UTF-16 units. */
export interface QueryCompletions {
  readonly from: number
  readonly to: number
  readonly items: readonly {
    /** What a list shows. */
    readonly label: string
    /** What is written in place of `[from, to)`: `before`, then the caret, then `after`. */
    readonly before: string
    readonly after: string
    readonly kind: 'column' | 'function' | 'keyword' | 'operator' | 'table' | 'type' | 'value' | 'variable'
  }[]
}

/** `help` of `POST /api/query/signature`: how the function around a place may be called. */
export interface QuerySignatureHelp {
  readonly name: string
  readonly signatures: readonly { readonly label: string; readonly parameters: readonly string[] }[]
  /** The argument that is being written, from 0. */
  readonly activeParameter: number
}

/** `POST /api/session` with a token signs a browser in: the answer sets the session cookie. */
export const sessionRequest = z.object({ token: z.string().min(1).max(4_096) })

/** `GET /api/session`, and the answer to signing in. */
export interface SessionView {
  readonly isSignedIn: true
  /** What may be done: `read`, `rules:write`, `machines:write`, `content:read`, `content:read-unredacted`. */
  readonly rights: readonly string[]
}

/** `POST /api/tokens`: makes a token for a program. */
export const apiTokenRequest = z.strictObject({
  /** For people, to tell it from others. */
  name: z.string().trim().min(1).max(100),
  /** `read`, `ingest`, `rules`, `content`, `content:unredacted`, `admin`. */
  scopes: z.array(z.string()).min(1).max(10),
  /** Ids of workspaces that it is for; all of them where nothing is said. */
  workspaces: z.array(z.string()).max(100).optional(),
  /** ISO 8601; never where nothing is said. */
  expiresAt: z.iso.datetime({ offset: true }).optional(),
})

/** A token without its secret: an element of `GET /api/tokens`, `{ tokens: ApiTokenView[] }`. */
export interface ApiTokenView {
  readonly id: string
  readonly name: string
  readonly scopes: readonly string[]
  /** Empty: every workspace. */
  readonly workspaces: readonly string[]
  /** `admin`, or the id of the token that made it. */
  readonly createdBy: string
  readonly createdAt: string
  readonly expiresAt: string | null
  /** To the minute; null before the first use. */
  readonly lastUsedAt: string | null
}

/** The answer to `POST /api/tokens`: the token itself is told this once. */
export interface ApiTokenAnswer extends ApiTokenView {
  readonly token: string
}

/** `POST /api/workspaces`. */
export const workspaceRequest = z.strictObject({ name: z.string().trim().min(1).max(63) })

/** A workspace: an element of `GET /api/workspaces`, `{ workspaces: WorkspaceView[] }`. */
export interface WorkspaceView {
  readonly id: string
  readonly name: string
  /** Whether it is the one that the server began with. */
  readonly isDefault: boolean
}

/** `GET /api/about`. */
export interface AboutView {
  readonly version: string
  /** The workspace that queries go to. */
  readonly workspaceId: string
  /** Server's clock, ISO 8601. */
  readonly now: string
}

/** `GET /api/storage`: what the store keeps on disk, over all workspaces; compressed bytes. */
export interface StorageView {
  readonly tables: readonly { readonly name: string; readonly rows: number; readonly bytes: number }[]
  readonly bytes: number
}

/** `POST /api/machines` (admin): makes a machine known, associates it with the default rule, returns its token once. */
export const registerMachineRequest = z.object({
  computer: z.string().min(1).max(253),
  sourceComputerId: z.uuid(),
})
/** What a machine needs to report: its ARM id, its region, and a bearer token that is told this once. */
export interface RegisterMachineAnswer {
  readonly resourceId: string
  readonly region: string
  readonly token: string
}

/** One element of `GET /api/machines`, `{ machines: MachineView[] }`; silent ones first. */
export interface MachineView {
  readonly computer: string
  readonly resourceId: string
  readonly sourceComputerId: string
  readonly registeredAt: string
  /** Time of the last heartbeat, null before the first. */
  readonly lastHeartbeatAt: string | null
  /**
   * `healthy`, `degraded` (the extension says so, or a copy of it showed up), `silent` (no heartbeat for three intervals), `new`
   * (none yet), `revoked` (nothing is taken from it).
   */
  readonly status: 'healthy' | 'degraded' | 'silent' | 'new' | 'revoked'
  /** One sentence for people: why it is not healthy; empty when it is. */
  readonly statusDetail: string
  readonly agentVersion: string
  readonly extensionVersion: string
  readonly extensionStatus: string
  readonly osName: string
  readonly osVersion: string
  readonly addresses: readonly string[]
  /** Names of the rules associated with it. */
  readonly rules: readonly string[]
  /** The rules that were in force there at its last heartbeat, by their immutable ids. */
  readonly rulesInForce: readonly MachineRule[]
  readonly backlogBytes: number
  /** Since when nothing is taken from it, by whom (`admin`, or the id of an API token), and why. */
  readonly revokedAt: string | null
  readonly revokedBy: string | null
  readonly revokedReason: string | null
  /** When a second machine with its key was last refused. */
  readonly cloneSeenAt: string | null
}

/** A rule as it is in force on a machine. */
export interface MachineRule {
  readonly immutableId: string
  readonly eTag: string
  /** The rule's name here; empty for one that is gone, or not associated any more. */
  readonly name: string
  /** Whether that is its present version. */
  readonly isCurrent: boolean
}

/** An event of `GET /api/live` (server-sent events, event name `rows`): rows arrived in a table. */
export interface LiveRows {
  readonly table: string
  readonly count: number
  readonly at: string
}

/** `GET /v1/contents/{sha256}/text`: a kept content as people read it. */
export interface ContentText {
  /** SHA-256 of the content, 64 hex digits. */
  readonly hash: string
  /** Bytes of the whole content. */
  readonly size: number
  /** False for what is no text (it has NUL bytes or is no UTF-8, UTF-16 or Latin-1 text); `text` is then empty. */
  readonly isText: boolean
  /** How the text was read; `binary` where it is none. */
  readonly encoding: 'utf-8' | 'utf-16le' | 'utf-16be' | 'latin1' | 'binary'
  /** Whether `text` is only the beginning: what is shown has a limit, what is kept is whole. */
  readonly isTruncated: boolean
  /** With likely secrets replaced by marks (`[redacted 3f2a]`) of the same number of lines, unless asked otherwise. */
  readonly text: string
  /** How many secrets were replaced. */
  readonly redactionCount: number
}

/** Some lines of a `ContentDiff`; line numbers count from 1, and are 0 where a side has no line, as in `diff -u`. */
export interface ContentHunk {
  readonly fromStart: number
  readonly fromLines: number
  readonly toStart: number
  readonly toLines: number
  /**
   * Without their ends; the first character says whose: a blank for both, `-` for from, `+` for to. A line that begins with
   * a backslash says that the line before it has no end, as in `diff -u`.
   */
  readonly lines: readonly string[]
}

/** `GET /v1/contents/diff?from=&to=`: the lines that differ, with three around them, on the texts as they are shown. */
export interface ContentDiff {
  readonly from: Omit<ContentText, 'text'>
  readonly to: Omit<ContentText, 'text'>
  /** Empty when nothing differs, and when one of both is no text. */
  readonly hunks: readonly ContentHunk[]
}
