import type { Clock } from '@tidemark/base'
import { type Channel, ingestionToken } from '@tidemark/model'

import type { Transport } from './transport.ts'

/** How long a token is used where the server does not say, in milliseconds. */
const LIFE_MS_DEFAULT = 300_000

/** A question for a token that did not go well: with the status where there was an answer. */
export class TokenRefused extends Error {
  override readonly name = 'TokenRefused'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** Ingestion tokens by channel, each asked for once and used until the server wants it renewed. */
export class IngestionTokens {
  readonly #options: { readonly transport: Transport; readonly clock: Clock; readonly machineToken: () => string }
  readonly #tokens = new Map<string, { readonly token: string; readonly untilMs: number }>()

  constructor(options: { readonly transport: Transport; readonly clock: Clock; readonly machineToken: () => string }) {
    this.#options = options
  }

  /** Throws `TokenRefused`, or what the transport throws. */
  async token(channel: Channel, signal: AbortSignal): Promise<string> {
    const { transport, clock, machineToken } = this.#options
    const known = this.#tokens.get(channel.tokenEndpointUri)
    if (known && clock.monotonicMs() < known.untilMs) return known.token
    const headers = { authorization: `Bearer ${machineToken()}`, accept: 'application/json' }
    const answer = await transport({ method: 'GET', url: channel.tokenEndpointUri, headers, signal })
    if (answer.status !== 200)
      throw new TokenRefused(answer.status, `no ingestion token: status ${answer.status} ${answer.text.slice(0, 200)}`)
    const { ingestionAuthToken } = ingestionToken.parse(JSON.parse(answer.text))
    const [, seconds] = /max-age=(\d{1,7})/.exec(answer.headers['cache-control'] ?? '') ?? []
    const lifeMs = seconds === undefined ? LIFE_MS_DEFAULT : Number(seconds) * 1_000
    this.#tokens.set(channel.tokenEndpointUri, { token: ingestionAuthToken, untilMs: clock.monotonicMs() + lifeMs })
    return ingestionAuthToken
  }

  /** The server did not take the token: the next question asks for a new one. */
  forget(channel: Channel): void {
    this.#tokens.delete(channel.tokenEndpointUri)
  }
}
