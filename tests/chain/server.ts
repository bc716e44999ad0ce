import type { Clock } from '@tidemark/base'
import type { Transport } from '@tidemark/agent/testing'
import {
  Admission,
  Committer,
  type Death,
  ingestApp,
  LiveFeed,
  MACHINE_RATE,
  PartStore,
  RateLimits,
  type RowStore,
  StoreUnavailable,
} from '@tidemark/server/testing'
import { pino } from 'pino'

/** What becomes of the next upload on its way. */
export type Way = 'fine' | 'not-arrived' | 'answer-lost'

const log = pino({ level: 'silent' })
export const resourceId = '/subscriptions/s/resourceGroups/g/providers/p/machines/one'
const claims = { resourceId, immutableId: 'dcr-1', workspaceId: 'w', computer: 'one', sourceComputerId: 'id' }

/** The server's way of an upload, from its route to a store that dies as told; the server itself dies and comes back. */
export class ChainServer {
  readonly store = new PartStore()
  readonly #clock: Clock
  readonly #ways: Way[] = []
  #app: ReturnType<typeof ingestApp> | undefined
  #starts = 0
  /** Uploads that came, whatever became of them. */
  askedCount = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** A new process, which learns from the store what it has; nothing where one runs. */
  async start(): Promise<void> {
    if (this.#app !== undefined) return
    const start = (this.#starts += 1)
    // What a dead server still asks for reaches no store: the new one opens it when the old one's is gone.
    const alive = <T>(ask: () => Promise<T>): Promise<T> =>
      start === this.#starts ? ask() : Promise.reject(new StoreUnavailable('its server is dead'))
    const store: RowStore = {
      insert: async (insert) => await alive(() => this.store.insert(insert)),
      select: async (select) => await alive(() => this.store.select(select)),
    }
    const rows = await Committer.open(store, log)
    const app = ingestApp({
      isAsked: () => false,
      rows,
      live: new LiveFeed(),
      clock: this.#clock,
      log,
      admission: new Admission(),
      rates: new RateLimits(MACHINE_RATE, this.#clock),
      claimsOf: async (token) => await Promise.resolve(token === 't' ? claims : undefined),
      takeContents: async () => await Promise.resolve(),
      collections: { take: async () => await Promise.resolve() },
    })
    this.#app = app
  }

  /** Gone at once: who waits for an answer gets none. */
  kill(): void {
    this.#starts += 1
    this.#app = undefined
  }

  nextDies(death: Death): void {
    this.store.deaths.push(death)
  }

  nextWay(way: Way): void {
    this.#ways.push(way)
  }

  /** Nothing goes wrong from here on. */
  heal(): void {
    this.#ways.length = 0
    this.store.deaths = []
    this.store.isAway = false
  }

  readonly transport: Transport = async ({ method, url, headers, body }) => {
    const { pathname, search } = new URL(url)
    const start = this.#starts
    const app = this.#app
    if (app === undefined) throw new Error('ECONNREFUSED')
    if (method === 'GET') return { status: 200, headers: {}, text: '{"configurationId":"x","ingestionAuthToken":"t"}' }
    const way = this.#ways.shift() ?? 'fine'
    if (way === 'not-arrived') throw new Error('ECONNRESET')
    this.askedCount += 1
    const answer = await app.inject({ method, url: pathname + search, headers, payload: Buffer.from(body ?? []) })
    if (way === 'answer-lost' || start !== this.#starts) throw new Error('ECONNRESET')
    // Without the offer of codings: what zlib's threads take is up to chance.
    const retryAfter = answer.headers['retry-after']
    const known = retryAfter === undefined ? {} : { 'retry-after': retryAfter }
    return { status: answer.statusCode, headers: known, text: answer.body }
  }
}
