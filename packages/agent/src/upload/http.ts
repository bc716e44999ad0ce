import { Agent, request } from 'undici'

import type { Transport } from './transport.ts'

/** How long one answer may take, in milliseconds. */
const ANSWER_MS_MAX = 60_000
/** Bytes of an answer: rules are the longest. */
const ANSWER_BYTES_MAX = 16 * 1024 * 1024

/** HTTP(S) with connections that are kept. Redirects are not followed: an answer tells where to ask, or it is none. */
export function openHttp(): { readonly transport: Transport } & AsyncDisposable {
  const agent = new Agent({
    connect: { timeout: 10_000 },
    headersTimeout: ANSWER_MS_MAX,
    bodyTimeout: ANSWER_MS_MAX,
    maxResponseSize: ANSWER_BYTES_MAX,
    connections: 16,
  })
  const transport: Transport = async ({ method, url, headers, body, signal }) => {
    const answer = await request(url, { method, headers, body: body ?? null, dispatcher: agent, signal })
    const text = await answer.body.text()
    const flat = Object.entries(answer.headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value])
    return { status: answer.statusCode, headers: Object.fromEntries(flat), text }
  }
  return { transport, [Symbol.asyncDispose]: async () => await agent.destroy() }
}
