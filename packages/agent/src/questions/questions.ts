import { type Clock, isAbort, newUuid } from '@tidemark/base'
import {
  type MachineQuestion,
  type MachineRegistration,
  machineQuestions,
  questionAnswer,
  QUESTIONS_HEADER,
} from '@tidemark/model'
import type { Logger } from 'pino'

import type { MachineTokens } from '../upload/machine-tokens.ts'
import type { Answer, Transport } from '../upload/transport.ts'

export interface QuestionsOptions {
  readonly transport: Transport
  readonly registration: MachineRegistration
  readonly machineTokens: MachineTokens
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
}

/** How long whoever asks for questions is kept waiting while there are none, in milliseconds. */
export const HELD_MS_MAX = 30_000
/** How soon questions are fetched again although nobody answered them yet, in milliseconds. */
export const FETCH_MS_MIN = 5_000
/** Questions that wait at a time; what is more stays with the server. */
export const QUESTIONS_MAX = 20
/** Tries to bring an answer to the server, and the pause before another, in milliseconds. */
const SEND_TRIES_MAX = 5
const SEND_PAUSE_MS = 2_000

/**
 * What the server wants to know of this machine: fetched when an answer of it says that there is something, handed to
 * change tracking once, and answered as it says. Nothing is kept: the server tells again what it still waits for.
 */
export class Questions {
  readonly #options: QuestionsOptions
  /** By id, those that were handed on too, until nobody waits for an answer. */
  readonly #known = new Map<
    string,
    { readonly question: MachineQuestion; readonly untilMs: number; isHanded: boolean }
  >()
  #waiting: (() => void)[] = []
  #fetching: Promise<void> | undefined
  #fetchedMs = -Infinity

  constructor(options: QuestionsOptions) {
    this.#options = options
  }

  /** The same transport, which notices when an answer says that there are questions. */
  noticing(transport: Transport): Transport {
    return async (asked) => {
      const answer = await transport(asked)
      if (answer.headers[QUESTIONS_HEADER] === '1') this.fetchSoon()
      return answer
    }
  }

  /** Fetches questions, unless that was done just now. */
  fetchSoon(): void {
    const { clock, signal } = this.#options
    if (this.#fetching || signal.aborted || clock.monotonicMs() - this.#fetchedMs < FETCH_MS_MIN) return
    this.#fetchedMs = clock.monotonicMs()
    this.#fetching = this.#fetch().finally(() => {
      this.#fetching = undefined
    })
  }

  /** Questions that nobody was handed; waits for some for a while, and gives none then, or when the agent stops. */
  async next(): Promise<readonly MachineQuestion[]> {
    const { clock, signal } = this.#options
    const open = this.#take()
    if (open.length > 0 || signal.aborted) return open
    const { promise, resolve } = Promise.withResolvers<void>()
    const stop = new AbortController()
    this.#waiting.push(resolve)
    await Promise.race([promise, clock.sleep(HELD_MS_MAX, AbortSignal.any([signal, stop.signal]))]).catch(
      () => undefined,
    )
    stop.abort()
    this.#waiting = this.#waiting.filter((one) => one !== resolve)
    return this.#take()
  }

  /** Brings an answer to the server. Text says why it is none; the server is not waited for. */
  answer(id: string, text: string): string | undefined {
    const known = this.#known.get(id)
    if (known === undefined) return 'nobody waits for this answer'
    const read = questionAnswer.safeParse(parseJson(text))
    if (!read.success) return 'the answer to a question is none'
    void this.#send(id, JSON.stringify(read.data), known.untilMs)
    return undefined
  }

  #take(): MachineQuestion[] {
    const nowMs = this.#options.clock.monotonicMs()
    for (const [id, { untilMs }] of this.#known) if (untilMs <= nowMs) this.#known.delete(id)
    const open = [...this.#known.values()].filter(({ isHanded }) => !isHanded)
    return open.map((one) => {
      one.isHanded = true
      return { ...one.question, secondsLeft: (one.untilMs - nowMs) / 1_000 }
    })
  }

  async #fetch(): Promise<void> {
    const { clock, log, signal } = this.#options
    try {
      const answer = await this.#ask('GET', '')
      if (answer.status !== 200) throw new Error(`status ${answer.status}`)
      const { questions } = machineQuestions.parse(JSON.parse(answer.text))
      for (const question of questions) {
        if (this.#known.has(question.id) || this.#known.size >= QUESTIONS_MAX) continue
        const untilMs = clock.monotonicMs() + question.secondsLeft * 1_000
        this.#known.set(question.id, { question, untilMs, isHanded: false })
      }
    } catch (error) {
      if (!isAbort(error, signal)) log.debug({ error }, 'the questions of the server cannot be had')
    }
    // One of those who wait: a question is for one.
    this.#waiting.shift()?.()
  }

  async #send(id: string, body: string, untilMs: number): Promise<void> {
    const { clock, log, signal } = this.#options
    for (let tries = 1; tries <= SEND_TRIES_MAX && clock.monotonicMs() < untilMs && !signal.aborted; tries += 1) {
      try {
        const { status } = await this.#ask('POST', `/${encodeURIComponent(id)}`, body)
        if (status < 500 && status !== 429 && status !== 401) {
          if (status !== 204) log.debug({ status }, 'the server does not want an answer any more')
          return
        }
        if (status === 401) this.#options.machineTokens.forget()
      } catch (error) {
        if (isAbort(error, signal)) return
        log.debug({ error }, 'an answer could not be brought to the server')
      }
      await clock.sleep(SEND_PAUSE_MS * tries, signal).catch(() => undefined)
    }
  }

  async #ask(method: 'GET' | 'POST', place: string, body?: string): Promise<Answer> {
    const { transport, registration, machineTokens, signal } = this.#options
    const { serverUrl, region, resourceId } = registration
    const token = await machineTokens.token(signal)
    return await transport({
      method,
      url: `${serverUrl.replace(/\/+$/, '')}/locations/${region}${resourceId}/agentQuestions${place}?api-version=2022-06-02`,
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/json',
        'x-ms-client-request-id': newUuid(),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: Buffer.from(body) }),
      signal,
    })
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
