import {
  type AboutView,
  type ApiError,
  type ContentDiff,
  contentLink,
  type ContentText,
  type MachineView,
  type QueryCell,
  type QueryResponse,
  type QueryTable,
  type RetentionView,
  type StorageView,
} from '@tidemark/model'

import type { AnswerRow } from './answer-row.ts'
import { apiPath } from './base-path.ts'

/** The server said no, or nothing: `status` is 0 where it did not answer. */
export class RequestFailed extends Error {
  override readonly name = 'RequestFailed'
  readonly status: number
  /** What the server says beside the message; of a query with mistakes, where they are. */
  readonly inner: unknown

  constructor(status: number, message: string, inner?: unknown) {
    super(message)
    this.status = status
    this.inner = inner
  }
}

const OWN_PAGE = { 'x-tidemark-portal': '1' } as const

interface Sending {
  readonly body?: unknown
  readonly signal?: AbortSignal
  readonly headers?: Readonly<Record<string, string>>
}

/** One request to the server; throws `RequestFailed`. Where the answer has no body, `T` is null. */
export async function askServer<T>(method: string, path: string, { body, signal, headers }: Sending = {}): Promise<T> {
  const answer = await fetch(apiPath(path), {
    method,
    headers: {
      ...OWN_PAGE,
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal ? { signal } : {}),
  }).catch((error: unknown) => {
    if (signal?.aborted) throw error
    throw new RequestFailed(
      0,
      `The server does not answer (${error instanceof Error ? error.message : String(error)}).`,
    )
  })
  const text = await answer.text()
  if (answer.ok) {
    const document: T = JSON.parse(text === '' ? 'null' : text)
    return document
  }
  const told = errorIn(text)
  throw new RequestFailed(
    answer.status,
    told?.message ?? `The server answers with status ${answer.status}.`,
    told?.innererror,
  )
}

function errorIn(text: string): ApiError['error'] | undefined {
  try {
    const { error }: Partial<ApiError> = JSON.parse(text)
    return error
  } catch {
    return undefined
  }
}

/** Signs this browser in; throws `RequestFailed` 401 for a wrong token. */
export async function signIn(token: string): Promise<void> {
  await askServer('POST', '/api/session', { body: { token } })
}

export async function signOut(): Promise<void> {
  await askServer('DELETE', '/api/session')
}

export async function about(): Promise<AboutView> {
  return await askServer<AboutView>('GET', '/api/about')
}

/** What the store keeps on disk. */
export async function storage(signal: AbortSignal): Promise<StorageView> {
  return await askServer<StorageView>('GET', '/api/storage', { signal })
}

/** How long rows of each table are kept; undefined where a cluster keeps them, which knows it by itself. */
export async function retention(signal: AbortSignal): Promise<RetentionView | undefined> {
  try {
    return await askServer<RetentionView>('GET', '/api/retention', { signal })
  } catch (error) {
    if (error instanceof RequestFailed && error.status === 501) return undefined
    throw error
  }
}

export async function machines(): Promise<readonly MachineView[]> {
  const answer = await askServer<{ machines: readonly MachineView[] }>('GET', '/api/machines')
  return answer.machines
}

/** A kept content as text, likely secrets hidden. Throws `RequestFailed` 403 for whoever may not read contents. */
export async function contentText(hash: string, signal: AbortSignal): Promise<ContentText> {
  return await askServer<ContentText>('GET', `${contentLink(hash)}/text`, { signal })
}

/** The lines that differ between two kept contents; refused as `contentText` is. */
export async function contentDiff(from: string, to: string, signal: AbortSignal): Promise<ContentDiff> {
  return await askServer<ContentDiff>('GET', `/v1/contents/diff?from=${from}&to=${to}`, { signal })
}

/** Resolves where the server would give the whole content; refused 403 for whoever may not have it, secrets included. */
export async function askForDownload(hash: string): Promise<void> {
  await askServer('HEAD', contentLink(hash))
}

let workspace: Promise<string> | undefined

/** Rows of an answer, and what the server says about them: that they were cut, for example; else empty. */
export interface Answer {
  readonly rows: readonly AnswerRow[]
  readonly notice: string
}

/** Runs KQL in the server's workspace. An aborted signal stops the server's work too. */
export async function askQuery(
  text: string,
  { signal, timespan }: { readonly signal: AbortSignal; readonly timespan?: string },
): Promise<QueryResponse> {
  workspace ??= about().then(({ workspaceId }) => workspaceId)
  const id = await workspace.catch((error: unknown) => {
    workspace = undefined
    throw error
  })
  return await askServer<QueryResponse>('POST', `/v1/workspaces/${id}/query`, {
    body: { query: text, ...(timespan === undefined ? {} : { timespan }) },
    signal,
  })
}

/** Runs KQL for whoever wants its rows by the names of their columns. */
export async function query(text: string, signal: AbortSignal): Promise<Answer> {
  const { tables, error } = await askQuery(text, { signal })
  return { rows: tables.slice(0, 1).flatMap(rowsOf), notice: error?.message ?? '' }
}

function rowsOf({ columns, rows }: QueryTable): AnswerRow[] {
  const names = columns.map(({ name }) => name)
  // Assigned one after the other: entries for each of 100,000 rows are seen to take much longer.
  return rows.map((cells) => {
    const row: Record<string, QueryCell> = {}
    for (const [index, name] of names.entries()) row[name] = cells[index] ?? null
    return row
  })
}
