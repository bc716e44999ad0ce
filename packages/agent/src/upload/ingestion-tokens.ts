import type { Clock } from '@tidemark/base'
import { ingestionToken, type OdsChannel } from '@tidemark/model'

import type { MachineTokens } from './machine-tokens.ts'
import { retryAfterOf } from './outcome.ts'
import type { Transport } from './transport.ts'

/** How long a token is used where the server does not say, in milliseconds. */
const LIFE_MS_DEFAULT = 300_000

/** A question for a token that did not go well: with the status where there was an answer. */
export class TokenRefused extends Error {
  override readonly name = 'TokenRefused'
  readonly status: number
  /** How long the server asks to wait. */
  readonly retryAfterMs: number | undefined

  constructor(status: number, message: string, retryAfterMs?: number) {
    super(message)
    this.status = status
    this.retryAfterMs = retryAfterMs
  }
}

/** Ingestion tokens by channel, each asked for once and used until the server wants it renewed. */
export class IngestionTokens {
  readonly #options: { readonly transport: Transport; readonly clock: Clock; readonly machineTokens: MachineTokens }
  readonly #tokens = new Map<string, { readonly token: string; readonly untilMs: number }>()

  constructor(options: {
    readonly transport: Transport
    readonly clock: Clock
    readonly machineTokens: MachineTokens
  }) {
    this.#options = options
  }

  /** Throws `TokenRefused`, or what the transport throws. */
  async token(channel: OdsChannel, signal: AbortSignal): Promise<string> {
    const { transport, clock, machineTokens } = this.#options
    const known = this.#tokens.get(channel.tokenEndpointUri)
    if (known && clock.monotonicMs() < known.untilMs) return known.token
    const machineToken = await machineTokens.token(signal)
    const headers = { authorization: `Bearer ${machineToken}`, accept: 'application/json' }
    const answer = await transport({ method: 'GET', url: channel.tokenEndpointUri, headers, signal })
    if (answer.status === 401) machineTokens.forget()
    if (answer.status !== 200) {
      const why = `no ingestion token: status ${answer.status} ${answer.text.slice(0, 200)}`
      throw new TokenRefused(answer.status, why, retryAfterOf(answer, clock.nowMs()))
    }
    const { ingestionAuthToken } = ingestionToken.parse(JSON.parse(answer.text))
    const [, seconds] = /max-age=(\d{1,7})/.exec(answer.headers['cache-control'] ?? '') ?? []
    const lifeMs = seconds === undefined ? LIFE_MS_DEFAULT : Number(seconds) * 1_000
    this.#tokens.set(channel.tokenEndpointUri, { token: ingestionAuthToken, untilMs: clock.monotonicMs() + lifeMs })
    return ingestionAuthToken
  }

  /** The server did not take the token: the next question asks for a new one. */
  forget(channel: OdsChannel): void {
    this.#tokens.delete(channel.tokenEndpointUri)
  }
}
