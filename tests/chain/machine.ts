import {
  Encodings,
  FaultyDisk,
  fixedToken,
  IngestionTokens,
  postingOf,
  Sink,
  socketHandler,
  Uploads,
} from '@tidemark/agent/testing'
import type { Item, TrackedRule } from '@tidemark/changetracking'
import { type AgentConnection, Handover, look, State } from '@tidemark/changetracking/testing'
import { encodeMessage, ForwardDecoder, type ForwardHandler } from '@tidemark/forward'
import { machineIdentity, parseExtensionSettings, streamId } from '@tidemark/model'
import { pino } from 'pino'

import { FaultyFile } from './faulty-file.ts'
import { Life } from './life.ts'
import { livingDisk } from './living-disk.ts'
import { type ChainServer, resourceId } from './server.ts'
import type { SimulatedClock } from './simulated-clock.ts'

const log = pino({ level: 'silent' })
const dcr = `dcr-${'a'.repeat(32)}`
export const changeStream = streamId({ dcr, dataSource: 'CTDataSource-Linux', dataType: 'CONFIG_CHANGE_BLOB_V2' })
export const inventoryStream = streamId({ dcr, dataSource: 'CTDataSource-Linux', dataType: 'CONFIG_DATA_BLOB_V2' })
const SERVER = 'http://server'
const channel = {
  id: 'ods-w',
  protocol: 'ods' as const,
  endpoint: `${SERVER}/ods/w`,
  tokenEndpointUri: `${SERVER}/token`,
}
const registration = { serverUrl: SERVER, resourceId, region: 'local', token: 't' }
const machine = machineIdentity({ hostName: 'one' })
const { settings } = parseExtensionSettings({ inventorySettings: { inventoryCollectionFrequency: 36_000 } })
const rule: TrackedRule = { id: dcr, name: 'rule', settings, changeStream, inventoryStream }
const tracking = { rules: [rule], problems: [] }

interface Surroundings {
  readonly clock: SimulatedClock
  readonly chance: () => number
}

/** The agent as a process: sink, uploads and what its sockets do, over a disk that may fail. */
class AgentProcess {
  readonly life = new Life()
  readonly sink: Sink
  readonly handler: ForwardHandler
  readonly #uploads: Uploads
  readonly #stop = new AbortController()

  constructor(disk: FaultyDisk, server: ChainServer, { clock, chance }: Surroundings) {
    this.sink = new Sink('/sink', () => true, {
      bytesMax: 100_000_000,
      segmentBytesMax: 4_000,
      files: livingDisk(disk, this.life, chance),
      clock,
      log,
      onChange: ({ id }) => this.#uploads.wake(id),
    })
    const { life } = this
    const transport: ChainServer['transport'] = async (question) => {
      if (life.isDead) throw new Error('ECONNRESET')
      return await server.transport(question)
    }
    const tokens = new IngestionTokens({ transport, clock, machineTokens: fixedToken('t') })
    const encodings = new Encodings()
    encodings.refused(SERVER, undefined)
    const sender = { transport, tokens, encodings, machine, registration: () => registration, clock }
    this.#uploads = new Uploads({
      sink: this.sink,
      newPost: postingOf(sender, async () => await Promise.reject(new Error('no Azure here'))),
      intervalMs: 1_000,
      bytesPerSecondMax: 10_000_000,
      clock,
      chance,
      log,
      signal: this.#stop.signal,
      setAside: ({ reason }) => {
        throw new Error(`a batch was refused: ${reason}`)
      },
      onChange: () => undefined,
      onDrained: () => undefined,
    })
    this.#uploads.apply([changeStream, inventoryStream].map((stream) => ({ stream, channel })))
    const stream = (tag: string) => (this.sink.has(tag) ? this.sink.stream(tag) : undefined)
    const questions = { next: async () => await Promise.resolve([]), answer: () => undefined }
    this.handler = socketHandler({ rules: () => [], stream, onStatus: () => undefined, questions }, { refusedCount: 0 })
  }

  /** What it does not see of its end: all that runs in it stops. */
  async end(): Promise<void> {
    this.life.isDead = true
    this.#stop.abort(new Error('stopped'))
    await this.#uploads[Symbol.asyncDispose]()
    await this.sink[Symbol.asyncDispose]().catch(() => undefined)
  }
}

/** Change tracking as a process: state, outbox and hand-over, over a database whose disk may fail. */
class TrackingProcess {
  readonly life: Life
  readonly state: State
  readonly #handover: Handover

  constructor(file: FaultyFile, life: Life, connect: () => AgentConnection, { clock, chance }: Surroundings) {
    this.life = life
    this.state = State.over(file.lives(life))
    this.#handover = new Handover({
      state: this.state,
      connect: async () => await Promise.resolve(connect()),
      clock,
      chance,
      log,
    })
  }

  wake(): void {
    this.#handover.wake()
  }

  async end(): Promise<void> {
    this.life.isDead = true
    await this.#handover[Symbol.asyncDispose]()
  }
}

/** One machine: both programs, their disk, and what there is to see. */
export class ChainMachine {
  readonly #around: Surroundings
  readonly #server: ChainServer
  #disk = new FaultyDisk()
  #file: FaultyFile
  #agent: AgentProcess | undefined
  #tracking: TrackingProcess | undefined
  /** What is there now, name to version. */
  readonly world = new Map<string, string>()
  /** Of the next messages: the rows are taken, and the connection breaks before the ack is out. */
  acksLost = 0

  constructor(server: ChainServer, around: Surroundings) {
    this.#around = around
    this.#server = server
    this.#file = new FaultyFile(around.chance, new Life())
  }

  get agentLife(): Life | undefined {
    return this.#agent?.life
  }

  get trackingLife(): Life | undefined {
    return this.#tracking?.life
  }

  /** Starts what is not running. Where a disk says no, that program is not running afterwards. */
  start(): void {
    this.#agent ??= this.#opened(() => new AgentProcess(this.#disk, this.#server, this.#around))
    const connect = () => this.#connect()
    this.#tracking ??= this.#opened(() => new TrackingProcess(this.#file, new Life(), connect, this.#around))
  }

  #opened<T>(open: () => T): T | undefined {
    try {
      return open()
    } catch (error) {
      if (isDisk(error)) return undefined
      throw error
    }
  }

  /** Ends what has died, so that `start` starts it again. */
  async bury(): Promise<void> {
    if (this.#agent?.life.isDead) {
      await this.#agent.end()
      this.#agent = undefined
    }
    if (this.#tracking?.life.isDead) {
      await this.#tracking.end()
      this.#tracking = undefined
    }
  }

  /** Both programs end, and the disks are as a power cut leaves them; of the sink's tail `bytesKept`, where that is said. */
  async cutPower(bytesKept?: number): Promise<void> {
    await Promise.all([this.#agent?.end(), this.#tracking?.end()])
    this.#agent = undefined
    this.#tracking = undefined
    this.#disk = this.#disk.cutPower(this.#around.chance, bytesKept)
    this.#file = this.#file.afterPowerCut(new Life())
  }

  /** Bytes at the ends of files that a power cut may take. */
  get unsyncedBytes(): number {
    return this.#disk.unsyncedBytes
  }

  /** One look at the world, as a scheduler has it done; a disk that says no leaves it for the next one. */
  async look(): Promise<void> {
    const tracking_ = this.#tracking
    if (tracking_ === undefined) return
    try {
      await look(
        {
          collector: collectorOf(this.world),
          tracking,
          rules: [rule],
          state: tracking_.state,
          machine,
          clock: this.#around.clock,
        },
        new AbortController().signal,
      )
      tracking_.wake()
    } catch (error) {
      if (!isDisk(error)) throw error
    }
  }

  /** What is on its way: entries of the outbox, and bytes in the sink. */
  get underWay(): { readonly outbox: number; readonly sinkBytes: number } {
    const outbox = this.#tracking?.state.outboxCount ?? Number.NaN
    return { outbox, sinkBytes: this.#agent?.sink.backlogBytes ?? Number.NaN }
  }

  /** A frame over the agent's socket: encoded, decoded, handled, and its ack. */
  #connect(): AgentConnection {
    const agent = this.#agent
    if (agent === undefined || agent.life.isDead) throw new Error('ECONNREFUSED')
    const life = this.#tracking?.life
    const decoder = new ForwardDecoder()
    let isOpen = true
    const send: AgentConnection['send'] = async (tag, entries, { chunk } = {}) => {
      const lost = { kind: 'unavailable', reason: 'the connection broke' } as const
      if (!isOpen || agent.life.isDead || life?.isDead) return lost
      for (const event of decoder.push(encodeMessage({ tag, entries, ...(chunk === undefined ? {} : { chunk }) }))) {
        if (event.kind !== 'message') throw new Error(`a frame came as ${event.kind}`)
        const outcome = await agent.handler.onMessage(event.message, { id: 1, socket: undefined as never })
        if (outcome.kind === 'refused') throw new Error(outcome.reason)
        const isLost = this.acksLost > 0 || agent.life.isDead || life?.isDead === true
        if (outcome.kind === 'accepted' && !isLost) return outcome
        this.acksLost = Math.max(0, this.acksLost - 1)
        isOpen = false
      }
      return lost
    }
    return {
      get isOpen() {
        return isOpen && !agent.life.isDead
      },
      send,
      [Symbol.asyncDispose]: async () => await Promise.resolve(void (isOpen = false)),
    }
  }

  async end(): Promise<void> {
    await Promise.all([this.#agent?.end(), this.#tracking?.end()])
  }
}

/** Errors of the disk, also where the database wraps them. */
function isDisk(error: unknown): boolean {
  for (let each = error; each instanceof Error; each = each.cause) if (each.message.includes('EIO')) return true
  return error instanceof Error && 'code' in error && error.code === 'commit-unknown'
}

function collectorOf(world: ReadonlyMap<string, string>) {
  const items = new Map(
    [...world].map(([name, version]): [string, Item] => [
      name,
      { columns: { SoftwareName: name, CurrentVersion: version }, coveredBy: ['all'] },
    ]),
  )
  return {
    type: 'Software' as const,
    coverage: () => ['all'],
    collect: async () => await Promise.resolve({ items, gaps: [], isComplete: true }),
    change: (previous: Item | undefined, current: Item | undefined) => {
      const [before, now] = [previous?.columns.CurrentVersion, current?.columns.CurrentVersion]
      if (before === now) return undefined
      const name = (current ?? previous)?.columns.SoftwareName ?? ''
      const ChangeCategory = previous === undefined ? 'Added' : current === undefined ? 'Removed' : 'Modified'
      return { ChangeCategory, SoftwareName: name, Previous: before ?? '', Current: now ?? '' }
    },
  }
}
