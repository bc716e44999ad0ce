import type { QueryCompletions, QuerySignatureHelp } from '@tidemark/model'

import { askServer } from './client.ts'

/** A place in a query, in UTF-16 units from its begin. */
export interface PlaceInQuery {
  readonly query: string
  readonly offset: number
}

/** What may stand at a place. */
export async function completionsOf(place: PlaceInQuery, signal: AbortSignal): Promise<QueryCompletions> {
  return await askServer<QueryCompletions>('POST', '/api/query/complete', { body: place, signal })
}

/** What the word at a place is; undefined where nothing is known of it. */
export async function meaningOf(place: PlaceInQuery, signal: AbortSignal): Promise<string | undefined> {
  const { text } = await askServer<{ text: string | null }>('POST', '/api/query/hover', { body: place, signal })
  return text ?? undefined
}

/** How the function around a place is called; undefined outside of a call. */
export async function signatureOf(place: PlaceInQuery, signal: AbortSignal): Promise<QuerySignatureHelp | undefined> {
  const sending = { body: place, signal }
  const { help } = await askServer<{ help: QuerySignatureHelp | null }>('POST', '/api/query/signature', sending)
  return help ?? undefined
}

/** A query with Kusto's usual spaces and lines; the same text where it cannot be read. */
export async function formatted(query: string): Promise<string> {
  return (await askServer<{ query: string }>('POST', '/api/query/format', { body: { query, offset: 0 } })).query
}
