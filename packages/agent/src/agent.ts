import { dirname, join } from 'node:path'

import { chance as systemChance, type Clock, newUuid, problemsText } from '@tidemark/base'
import {
  agentPlaces,
  type Channel,
  type ExtensionStatus,
  extensionName,
  heartbeatDataType,
  type MachineIdentity,
  type MachineRegistration,
  machineRegistration,
  parseStreamId,
  problemOf,
  streamId,
  streamsOfRule,
} from '@tidemark/model'
import type { Logger } from 'pino'

import { AgentError } from './agent-error.ts'
import { readTextIfThere, replaceFileQuickly } from './host/files.ts'
import { self, thisMachine } from './host/machine.ts'
import { ChunkStore, type RuleInForce } from './rules/config-chunks.ts'
import { fetchRules } from './rules/fetching.ts'
import type { AgentSettings } from './settings.ts'
import { Sink } from './sink/sink.ts'
import { openSockets, type Sockets } from './sockets/sockets.ts'
import { heartbeatItem } from './status/heartbeat.ts'
import type { AgentStatus } from './status/status.ts'
import { openHttp } from './upload/http.ts'
import { IngestionTokens } from './upload/ingestion-tokens.ts'
import { postUpload, type Sender } from './upload/post.ts'
import { keepRefused } from './upload/refused.ts'
import { Uploader } from './upload/uploader.ts'
import { version } from './version.ts'

/** What the agent is given. */
export interface AgentLife {
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
  /** A number in [0, 1) for jitter; random unless given. */
  readonly chance?: () => number
}

/** The agent of this machine, running. */
export interface Agent extends AsyncDisposable {
  status(): AgentStatus
}

/**
 * Starts the agent. Throws `AgentError`: `not-registered` and `registration-invalid` (no way to a server), `sockets-held`
 * (another agent runs), `sink-unusable`. Without a server it runs by the rules on disk and keeps everything until one
 * answers. Disposing loses nothing that was acknowledged.
 */
export async function openAgent(settings: AgentSettings, life: AgentLife): Promise<Agent> {
  const places = agentPlaces(settings.root)
  const registration = readRegistration(places.registration)
  const machine = thisMachine()
  await using stack = new AsyncDisposableStack()
  const sink = stack.use(openSink(settings, life.log))
  const http = stack.use(openHttp())
  const running = stack.use(new Running({ settings, life, registration, machine, sink, transport: http.transport }))
  await running.start()
  const kept = stack.move()
  return {
    status: () => running.status(),
    [Symbol.asyncDispose]: async () => await kept.disposeAsync(),
  }
}

function readRegistration(path: string): MachineRegistration {
  const text = readTextIfThere(path)
  if (text === undefined)
    throw new AgentError(
      'not-registered',
      `${path} is not there: this machine is not registered with a server. "tidemark up" registers it.`,
    )
  const read = machineRegistration.safeParse(parseJson(text))
  if (read.success) return read.data
  throw new AgentError('registration-invalid', `${path}: ${problemsText(read.error.issues.map(problemOf))}`)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function openSink(settings: AgentSettings, log: Logger): Sink {
  const { events } = agentPlaces(settings.root)
  try {
    return new Sink(events, (name) => parseStreamId(name) !== undefined, { bytesMax: settings.sinkBytesMax, log })
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new AgentError('sink-unusable', `the sink ${events} cannot be opened: ${why}`, { cause })
  }
}

interface Parts {
  readonly settings: AgentSettings
  readonly life: AgentLife
  readonly registration: MachineRegistration
  readonly machine: MachineIdentity
  readonly sink: Sink
  readonly transport: Sender['transport']
}

class Running implements AsyncDisposable {
  readonly #parts: Parts
  readonly #stop = new AbortController()
  readonly #signal: AbortSignal
  readonly #startedAt: string
  readonly #store: ChunkStore
  readonly #sender: Sender
  readonly #uploaders = new Map<string, { readonly uploader: Uploader; readonly channel: Channel }>()
  #rules: readonly RuleInForce[] = []
  #sockets: Sockets | undefined
  #fetchState: { readonly error?: string; readonly problems: readonly string[] } = {
    error: 'not asked yet',
    problems: [],
  }
  #extension: { readonly status: ExtensionStatus; readonly atMs: number } | undefined
  #lastHeartbeatMs: number | undefined
  #background: Promise<unknown> = Promise.resolve()
  #retiring: Promise<unknown>[] = []
  #closing: Promise<void> | undefined

  constructor(parts: Parts) {
    const { settings, life, registration, machine, transport } = parts
    this.#parts = parts
    this.#signal = AbortSignal.any([this.#stop.signal, life.signal])
    this.#startedAt = iso(life.clock.nowMs())
    const owner = { sourceComputerId: machine.sourceComputerId, resourceId: registration.resourceId }
    this.#store = new ChunkStore(agentPlaces(settings.root).configChunks, owner, life.log)
    const tokens = new IngestionTokens({ transport, clock: life.clock, machineToken: () => registration.token })
    this.#sender = { transport, tokens, machine, registration: () => registration, clock: life.clock }
  }

  async start(): Promise<void> {
    const { settings, life, registration, sink, transport } = this.#parts
    this.#apply(this.#store.load())
    this.#sockets = await openSockets({
      directory: settings.socketsDirectory,
      rules: () => this.#rules,
      stream: (tag) => (sink.has(tag) ? sink.stream(tag) : undefined),
      onStatus: (status) => {
        this.#extension = { status, atMs: life.clock.nowMs() }
        this.#writeStatus()
      },
      clock: life.clock,
      log: life.log,
    })
    const fetching = fetchRules({
      transport,
      registration,
      refreshMs: settings.refreshMs,
      clock: life.clock,
      chance: life.chance ?? systemChance,
      log: life.log,
      signal: this.#signal,
      current: () => this.#rules,
      onRules: (rules) => {
        this.#store.save(rules)
        this.#apply(rules)
        life.log.info({ rules: rules.map(({ id }) => id) }, 'rules in force')
      },
      onState: (state) => {
        this.#fetchState = state
        this.#writeStatus()
      },
    })
    this.#background = Promise.all([fetching, this.#beat()])
  }

  /** Makes the six sinks of each rule and an uploader for each stream that has a channel; ends those that have none now. */
  #apply(rules: readonly RuleInForce[]): void {
    this.#rules = rules
    const wanted = new Map(rules.flatMap((rule) => [...channelsOf(rule)]))
    for (const rule of rules)
      if (isTracking(rule)) for (const parts of streamsOfRule(rule.id)) this.#parts.sink.stream(streamId(parts))
    for (const [id, { uploader, channel }] of this.#uploaders) {
      if (isSameChannel(wanted.get(id), channel)) continue
      this.#uploaders.delete(id)
      this.#retiring.push(uploader[Symbol.asyncDispose]())
    }
    for (const [id, channel] of wanted) if (!this.#uploaders.has(id)) this.#startUploader(id, channel)
    this.#writeStatus()
  }

  #startUploader(id: string, channel: Channel): void {
    const { settings, life, sink } = this.#parts
    const { clock, log } = life
    const uploader = new Uploader({
      source: sink.stream(id),
      channel,
      dataType: parseStreamId(id)?.dataType ?? '',
      sender: this.#sender,
      intervalMs: settings.uploadIntervalMs,
      clock,
      chance: life.chance ?? systemChance,
      log,
      setAside: (refused) => keepRefused(agentPlaces(settings.root).refused, refused, clock.nowMs()),
      onChange: () => this.#writeStatus(),
    })
    this.#uploaders.set(id, { uploader, channel })
  }

  async #beat(): Promise<void> {
    const { life, settings, machine } = this.#parts
    while (!this.#signal.aborted) {
      const channel = this.#rules.flatMap(({ chunk }) => chunk.channels)[0]
      if (channel) {
        const row = { ...heartbeatItem(machine, this.status(), life.clock.nowMs()) }
        const upload = {
          channel,
          batchId: newUuid(),
          dataType: heartbeatDataType,
          solution: 'LogManagement',
          rows: [row],
        }
        const outcome = await postUpload(this.#sender, upload, this.#signal).catch(() => undefined)
        if (outcome?.kind === 'accepted') this.#lastHeartbeatMs = life.clock.nowMs()
        else if (outcome) life.log.debug({ reason: outcome.reason }, 'the heartbeat was not taken')
        this.#writeStatus()
      }
      // The first heartbeat need not wait: a new machine is to be seen at once.
      const waitMs = this.#lastHeartbeatMs === undefined ? Math.min(1_000, settings.heartbeatMs) : settings.heartbeatMs
      await life.clock.sleep(waitMs, this.#signal).catch(() => undefined)
    }
  }

  status(): AgentStatus {
    const { registration, sink } = this.#parts
    const extension = this.#extension
    return {
      pid: self.pid,
      version,
      startedAt: this.#startedAt,
      server: {
        url: registration.serverUrl,
        isReachable: this.#fetchState.error === undefined,
        ...(this.#fetchState.error === undefined ? {} : { lastError: this.#fetchState.error }),
      },
      rules: this.#rules.map(({ id, eTag }) => ({ id, eTag })),
      ruleProblems: [...this.#fetchState.problems],
      streams: sink.streams.map(({ id, backlogBytes }) => {
        const state = this.#uploaders.get(id)?.uploader.state
        return {
          id,
          backlogBytes,
          ...(state?.lastUploadMs === undefined ? {} : { lastUploadAt: iso(state.lastUploadMs) }),
          ...(state?.lastError === undefined ? {} : { lastError: state.lastError }),
          refusedCount: state?.refusedCount ?? 0,
          isUploaded: state !== undefined,
        }
      }),
      sockets: [...(this.#sockets?.addresses ?? [])],
      refusedMessages: this.#sockets?.refusedCount ?? 0,
      ...(this.#lastHeartbeatMs === undefined ? {} : { lastHeartbeatAt: iso(this.#lastHeartbeatMs) }),
      ...(extension === undefined ? {} : { extension: extensionOf(extension) }),
    }
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
    await Promise.all([...this.#uploaders.values()].map(async ({ uploader }) => await uploader[Symbol.asyncDispose]()))
    await Promise.all(this.#retiring)
    await this.#background
  }
}

function isTracking({ chunk }: RuleInForce): boolean {
  return chunk.extensionConfigurations[extensionName] !== undefined
}

/** The channel of each stream of a rule. */
function* channelsOf(rule: RuleInForce): Generator<[string, Channel]> {
  for (const { id: dataSource, streams, sendToChannels } of rule.chunk.dataSources) {
    const channel = rule.chunk.channels.find(({ id, protocol }) => protocol === 'ods' && sendToChannels.includes(id))
    if (channel === undefined) continue
    for (const { stream } of streams) {
      const id = `${rule.id}:${dataSource}:${stream}`
      if (parseStreamId(id)) yield [id, channel]
    }
  }
}

function isSameChannel(one: Channel | undefined, other: Channel): boolean {
  return one?.endpoint === other.endpoint && one.tokenEndpointUri === other.tokenEndpointUri
}

function extensionOf({
  status,
  atMs,
}: {
  readonly status: ExtensionStatus
  readonly atMs: number
}): AgentStatus['extension'] {
  return {
    name: status.ExtensionName,
    version: status.Version,
    status: status.Status,
    detail: status.Detail,
    at: iso(atMs),
  }
}

function iso(momentMs: number): string {
  return new Date(momentMs).toISOString()
}
