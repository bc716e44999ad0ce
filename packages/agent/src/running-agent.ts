import { dirname, join } from 'node:path'

import { chance as systemChance, type Outcome } from '@tidemark/base'
import {
  agentPlaces,
  type Channel,
  extensionName,
  type ExtensionStatus,
  type MachineIdentity,
  type MachineRegistration,
  parseStreamId,
  streamId,
  streamsOfRule,
} from '@tidemark/model'

import type { AgentLife } from './agent-life.ts'
import { azureIngestion } from './azure/ingestion.ts'
import { replaceFileQuickly } from './host/files.ts'
import { Questions } from './questions/questions.ts'
import { ChunkStore, type RuleInForce } from './rules/config-chunks.ts'
import { destinationsOf, heartbeatChannels } from './rules/destinations.ts'
import { fetchRules, type FetchState } from './rules/fetching.ts'
import type { AgentSettings } from './settings.ts'
import { isInventory, type Sink } from './sink/sink.ts'
import { openSockets, type Sockets } from './sockets/sockets.ts'
import { heartbeatItem } from './status/heartbeat.ts'
import { statusOf } from './status/status-of.ts'
import type { AgentStatus } from './status/status.ts'
import { Teller } from './status/teller.ts'
import { Encodings } from './upload/encodings.ts'
import { IngestionTokens } from './upload/ingestion-tokens.ts'
import type { MachineTokens } from './upload/machine-tokens.ts'
import { spreadMs } from './upload/pace.ts'
import { postingOf } from './upload/posting.ts'
import { keepRefused } from './upload/refused.ts'
import type { Transport } from './upload/transport.ts'
import type { RefusedBatch } from './upload/uploader.ts'
import { Uploads } from './upload/uploads.ts'

export interface Parts {
  readonly settings: AgentSettings
  readonly life: AgentLife
  readonly registration: MachineRegistration
  readonly machine: MachineIdentity
  readonly machineTokens: MachineTokens
  readonly sink: Sink
  readonly transport: Transport
}

/** How often `status.json` is written at most, in milliseconds. */
const STATUS_MS_MIN = 250
/** How often streams of rules that are gone are looked at, in milliseconds. */
const TEND_MS = 60_000

/** The agent's rooms, put together: rules in, rows in, rows out, and what it tells of itself. */
export class RunningAgent implements AsyncDisposable {
  readonly #parts: Parts
  readonly #stop = new AbortController()
  readonly #signal: AbortSignal
  readonly #startedAtMs: number
  readonly #store: ChunkStore
  readonly #uploads: Uploads
  readonly #teller: Teller
  readonly #questions: Questions
  readonly #transport: Transport
  #rules: readonly RuleInForce[] = []
  #ruleTroubles: readonly string[] = []
  #sockets: Sockets | undefined
  #fetchState: FetchState = { error: 'not asked yet', problems: [] }
  #extension: { readonly status: ExtensionStatus; readonly atMs: number } | undefined
  #lastHeartbeatMs: number | undefined
  #statusWritten = Promise.resolve()
  #isStatusDue = false
  #background: Promise<unknown> = Promise.resolve()
  #closing: Promise<void> | undefined

  constructor(parts: Parts) {
    const { settings, life, registration, machine, machineTokens, transport, sink } = parts
    const { clock, log } = life
    this.#parts = parts
    this.#signal = AbortSignal.any([this.#stop.signal, life.signal])
    this.#startedAtMs = clock.nowMs()
    const owner = { sourceComputerId: machine.sourceComputerId, resourceId: registration.resourceId }
    this.#store = new ChunkStore(agentPlaces(settings.root).configChunks, owner, log)
    this.#questions = new Questions({ transport, registration, machineTokens, clock, log, signal: this.#signal })
    this.#transport = this.#questions.noticing(transport)
    const tokens = new IngestionTokens({ transport, clock, machineTokens })
    const sender = {
      transport: this.#transport,
      tokens,
      encodings: new Encodings(),
      machine,
      registration: () => registration,
      clock,
    }
    this.#uploads = new Uploads({
      sink,
      newPost: postingOf(sender, azureIngestion(settings, clock)),
      ...settings.upload,
      clock,
      chance: this.#chance,
      log,
      signal: this.#signal,
      setAside: async (refused) => await this.#setAside(refused),
      onChange: () => this.#statusChanged(),
      onDrained: () => this.#saveRules(),
    })
    const anyChanges = (): string | undefined =>
      this.#uploads.destinations.map(({ stream }) => stream).find((id) => !isInventory({ id }))
    this.#teller = new Teller({ sink, machine, clock, log, signal: this.#signal, anyChanges })
  }

  get #chance(): () => number {
    return this.#parts.life.chance ?? systemChance
  }

  async start(): Promise<void> {
    const { settings, life, sink } = this.#parts
    const { rules, destinations } = this.#store.load()
    this.#apply(rules, destinations)
    this.#sockets = await openSockets({
      ...settings.sockets,
      rules: () => this.#rules,
      stream: (tag) => (sink.has(tag) ? sink.stream(tag) : undefined),
      onStatus: (status) => {
        this.#extension = { status, atMs: life.clock.nowMs() }
        this.#statusChanged()
      },
      questions: this.#questions,
      clock: life.clock,
      log: life.log,
    })
    this.#background = Promise.all([
      this.#fetch(),
      this.#beat('ods'),
      this.#beat('logs-ingestion'),
      this.#teller.run(),
      this.#tend(),
    ])
  }

  /** The sink has news of a stream. */
  onSink(id: string): void {
    this.#uploads.wake(id)
    const { sink } = this.#parts
    if (sink.has(id)) this.#teller.wake(sink.stream(id))
    this.#statusChanged()
  }

  async #fetch(): Promise<void> {
    const { settings, life, registration, machineTokens } = this.#parts
    await fetchRules({
      transport: this.#transport,
      registration,
      machineTokens,
      refreshMs: settings.rules.refreshMs,
      clock: life.clock,
      chance: this.#chance,
      log: life.log,
      signal: this.#signal,
      current: () => this.#rules,
      onRules: (rules) => {
        this.#apply(rules)
        this.#saveRules()
        life.log.info({ rules: rules.map(({ id }) => id) }, 'rules in force')
      },
      onState: (state) => {
        this.#fetchState = state
        this.#statusChanged()
      },
    })
  }

  /** Rules are in force whether the disk takes them or not: it only matters at the next start. */
  #saveRules(): void {
    try {
      this.#store.save(this.#rules, this.#uploads.destinations)
    } catch (error) {
      this.#parts.life.log.error({ error }, 'the config chunks cannot be written; the rules are in force until the end')
    }
  }

  /** Makes the six sinks of each rule; each destination gets its uploader, and what none names any more is drained. */
  #apply(rules: readonly RuleInForce[], known: Parameters<Uploads['apply']>[1] = []): void {
    this.#rules = rules
    for (const rule of rules)
      if (isTracking(rule)) for (const parts of streamsOfRule(rule.id)) this.#parts.sink.stream(streamId(parts))
    const wanted = rules.map(destinationsOf)
    this.#ruleTroubles = wanted.flatMap(({ problems }) => problems)
    this.#uploads.apply(
      wanted.flatMap(({ destinations }) => destinations),
      known,
    )
    this.#statusChanged()
  }

  async #setAside(refused: RefusedBatch): Promise<void> {
    const { settings, life } = this.#parts
    const nowMs = life.clock.nowMs()
    let place = `they are kept in ${agentPlaces(settings.root).refused}`
    try {
      keepRefused(agentPlaces(settings.root).refused, refused, nowMs)
    } catch (error) {
      place = 'the disk has no room to keep them'
      life.log.error({ batch: refused.batchId, error }, 'a refused batch cannot be kept')
    }
    // A refused record of a refusal would beget the next one.
    if (refused.rows.every((row) => row['ConfigChangeType'] === 'Agent')) return
    const detail = `the server refused ${refused.rows.length} rows of ${parseStreamId(refused.stream)?.dataType ?? 'a stream'} for good: ${refused.reason.slice(0, 500)}; ${place}`
    await this.#teller.tell({ reason: 'upload-refused', subject: refused.stream, detail }, refused.batchId)
  }

  /** Each way by itself: a server that is away must not keep another one from hearing. */
  async #beat(protocol: Channel['protocol']): Promise<void> {
    const { life, settings } = this.#parts
    let isTaken = false
    while (!this.#signal.aborted) {
      const channels = heartbeatChannels(this.#rules, protocol)
      const outcomes = await Promise.all(channels.map(async (channel) => await this.#beatOnce(channel)))
      isTaken ||= outcomes.some((outcome) => outcome?.kind === 'accepted')
      // The first heartbeat need not wait: a new machine is to be seen at once.
      const { intervalMs } = settings.heartbeat
      const waitMs = isTaken ? spreadMs(intervalMs, this.#chance) : Math.min(1_000, intervalMs)
      await life.clock.sleep(waitMs, this.#signal).catch(() => undefined)
    }
  }

  async #beatOnce(channel: Channel): Promise<Outcome | undefined> {
    const { life, machine } = this.#parts
    const row = { ...heartbeatItem(machine, this.status(), life.clock.nowMs()) }
    const outcome = await this.#uploads.heartbeat(channel, row)
    if (outcome?.kind === 'accepted' && channel.protocol === 'ods') this.#lastHeartbeatMs = life.clock.nowMs()
    else if (outcome && outcome.kind !== 'accepted')
      life.log.debug({ channel: channel.id, reason: outcome.reason }, 'the heartbeat was not taken')
    this.#statusChanged()
    return outcome
  }

  async #tend(): Promise<void> {
    while (!this.#signal.aborted) {
      await this.#parts.life.clock.sleep(TEND_MS, this.#signal).catch(() => undefined)
      if (!this.#signal.aborted) this.#uploads.tend()
    }
  }

  status(): AgentStatus {
    const { registration, sink, life } = this.#parts
    return statusOf({
      startedAtMs: this.#startedAtMs,
      nowMs: life.clock.nowMs(),
      serverUrl: registration.serverUrl,
      fetchState: this.#fetchState,
      rules: this.#rules,
      ruleTroubles: this.#ruleTroubles,
      streams: sink.streams.map((stream) => ({ stream, destinations: this.#uploads.statesOf(stream.id) })),
      sockets: this.#sockets,
      lastHeartbeatMs: this.#lastHeartbeatMs,
      extension: this.#extension,
    })
  }

  /** Writes the status soon; changes that come together are written together. */
  #statusChanged(): void {
    if (this.#isStatusDue || this.#signal.aborted) return
    this.#isStatusDue = true
    this.#statusWritten = this.#writeStatusSoon(this.#statusWritten)
  }

  async #writeStatusSoon(before: Promise<void>): Promise<void> {
    await before
    this.#isStatusDue = false
    this.#writeStatus()
    await this.#parts.life.clock.sleep(STATUS_MS_MIN, this.#signal).catch(() => undefined)
  }

  #writeStatus(): void {
    if (this.#signal.aborted) return
    const path = join(dirname(agentPlaces(this.#parts.settings.root).log), 'status.json')
    try {
      replaceFileQuickly(path, `${JSON.stringify(this.status(), undefined, 2)}\n`)
    } catch (error) {
      this.#parts.life.log.warn({ error }, 'status.json cannot be written')
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close()
    await this.#closing
  }

  /** Sockets first, so that nothing new comes; then uploads and questions; the sink is closed by its owner. */
  async #close(): Promise<void> {
    this.#stop.abort(new Error('stopped'))
    await this.#sockets?.[Symbol.asyncDispose]()
    await this.#uploads[Symbol.asyncDispose]()
    await this.#background
    await this.#statusWritten
  }
}

function isTracking({ chunk }: RuleInForce): boolean {
  return chunk.extensionConfigurations[extensionName] !== undefined
}
