import type { Clock } from '@tidemark/base'
import type { Logger } from 'pino'
import { z } from 'zod'

import type { MachineTokens } from '../upload/machine-tokens.ts'
import type { Answer, Transport } from '../upload/transport.ts'
import {
  type KeyFile,
  type KeyPair,
  type MachineKey,
  newKeyPair,
  newTicket,
  publicKeyOf,
  signedBy,
} from './machine-key.ts'

export interface KeyTokensOptions {
  readonly serverUrl: string
  readonly transport: Transport
  readonly file: KeyFile
  readonly clock: Clock
  readonly log: Logger
}

/** How old a key gets before another takes its place, in milliseconds: 30 days. */
export const KEY_AGE_MS_MAX = 30 * 86_400_000
/** The part of a token's life in which it is used. */
const LIFE_PART = 0.8

const accessTokenShape = z.object({
  accessToken: z.string(),
  expiresInSeconds: z.number(),
  isRotationWished: z.boolean().default(false),
})
const errorShape = z.object({ error: z.object({ code: z.string(), message: z.string() }) })

/**
 * Access tokens for the machine's own key: one is asked for when it is needed, and used for most of its life. Each question
 * says the ticket of the last one and the next, written down before it is said, so that a lost answer does no harm and a
 * second holder of the key is found out. A key that is old is replaced.
 */
export class KeyTokens implements MachineTokens {
  readonly #options: KeyTokensOptions
  #key: MachineKey
  #token: { readonly text: string; readonly untilMs: number } | undefined
  #asking: Promise<string> | undefined
  /** The server's clock less ours. */
  #clockOffsetMs = 0

  /** `key` is what the file holds. */
  constructor(options: KeyTokensOptions, key: MachineKey) {
    this.#options = options
    this.#key = key
  }

  async token(signal: AbortSignal): Promise<string> {
    if (this.#token && this.#options.clock.monotonicMs() < this.#token.untilMs) return this.#token.text
    this.#asking ??= this.#ask(signal).finally(() => (this.#asking = undefined))
    return await this.#asking
  }

  forget(): void {
    this.#token = undefined
  }

  async #ask(signal: AbortSignal): Promise<string> {
    const { clock } = this.#options
    if (this.#serverMs() - this.#key.key.madeMs > KEY_AGE_MS_MAX || this.#key.pending) await this.#rotate(signal)
    const answer = await this.#say('access-token', signal, async (assertion) => await Promise.resolve({ assertion }))
    const { accessToken, expiresInSeconds, isRotationWished } = accessTokenShape.parse(JSON.parse(answer.text))
    this.#token = { text: accessToken, untilMs: clock.monotonicMs() + expiresInSeconds * 1_000 * LIFE_PART }
    // The token is good whatever becomes of it, and is used.
    if (isRotationWished) await this.#rotate(signal).catch((error: unknown) => this.#notRotated(error, signal))
    return accessToken
  }

  #notRotated(error: unknown, signal: AbortSignal): void {
    signal.throwIfAborted()
    this.#options.log.warn({ error }, 'the key could not be changed; it is tried again with the next token')
  }

  /** A failed rotation is tried again with the next token; the old key is good until the server has the new one. */
  async #rotate(signal: AbortSignal): Promise<void> {
    const { log } = this.#options
    try {
      // Written down first: the server may know it although its answer is lost.
      const pending = this.#key.pending ?? (await newKeyPair(this.#serverMs()))
      if (this.#key.pending === undefined) this.#save({ ...this.#key, pending })
      await this.#say('rotation', signal, async (assertion, tickets) => ({
        assertion,
        publicKey: publicKeyOf(pending.privateKey),
        proof: await signedBy(pending, tickets, this.#serverMs()),
      }))
      const { pending: _taken, ...rest } = this.#key
      this.#save({ ...rest, key: pending })
      log.info({ keyId: pending.keyId }, 'the machine has a new key')
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof KeyRefused)) throw error
      log.warn({ reason: error.message }, 'the new key was not taken')
      if (error.code === 'UnknownKey') await this.#usePending()
    }
  }

  /** The server does not know our key: it has the one whose answer was lost. */
  async #usePending(): Promise<void> {
    const { pending, ...rest } = this.#key
    if (pending) this.#save({ ...rest, key: pending })
    await Promise.resolve()
  }

  async #say(
    what: 'access-token' | 'rotation',
    signal: AbortSignal,
    bodyOf: (assertion: string, tickets: Tickets) => Promise<unknown>,
  ): Promise<Answer> {
    for (let isAgain = false; ; isAgain = true) {
      const tickets = { ticket: this.#key.ticket, next: this.#key.next }
      const body = await bodyOf(await this.#signed(this.#key.key, tickets), tickets)
      const answer = await this.#post(`/api/enrolment/${what}`, body, signal)
      if (answer.status === 200) {
        this.#save({ ...this.#key, ticket: tickets.next, next: newTicket() })
        return answer
      }
      const refused = refusalOf(answer)
      if (isAgain || refused.code !== 'ClocksDiffer' || !this.#learnClock(answer)) throw refused
    }
  }

  async #signed(key: KeyPair, tickets: Tickets): Promise<string> {
    return await signedBy(key, tickets, this.#serverMs())
  }

  #serverMs(): number {
    return this.#options.clock.nowMs() + this.#clockOffsetMs
  }

  /** True where the answer tells the time. */
  #learnClock({ headers }: Answer): boolean {
    const dateMs = Date.parse(headers['date'] ?? '')
    if (Number.isNaN(dateMs)) return false
    this.#clockOffsetMs = dateMs - this.#options.clock.nowMs()
    this.#options.log.warn({ offsetMs: this.#clockOffsetMs }, 'the clock of this machine is wrong, or the server’s is')
    return true
  }

  async #post(path: string, body: unknown, signal: AbortSignal): Promise<Answer> {
    const { transport, serverUrl } = this.#options
    return await transport({
      method: 'POST',
      url: `${serverUrl.replace(/\/+$/, '')}${path}`,
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: Buffer.from(JSON.stringify(body)),
      signal,
    })
  }

  #save(key: MachineKey): void {
    this.#options.file.save(key)
    this.#key = key
  }
}

interface Tickets {
  readonly ticket: string
  readonly next: string
}

/** The server did not take what the key's holder said. */
export class KeyRefused extends Error {
  override readonly name = 'KeyRefused'
  /** The server's word for it: `CloneDetected`, `MachineRevoked`, `UnknownKey`… */
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/** What an answer that is no success says. */
export function refusalOf(answer: Answer): KeyRefused {
  try {
    const { error } = errorShape.parse(JSON.parse(answer.text))
    return new KeyRefused(error.code, `status ${answer.status}: ${error.message}`)
  } catch {
    return new KeyRefused('', `status ${answer.status}: ${answer.text.slice(0, 300)}`)
  }
}
