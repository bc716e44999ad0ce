import { type Clock, isAbort } from '@tidemark/base'
import { changeTrackingPlaces, extensionName, type MachineIdentity, type TrackedType } from '@tidemark/model'
import type { Logger } from 'pino'

import type { Collector } from './collector.ts'
import { openCollectors } from './collectors.ts'
import { askForTracking } from './config/asking.ts'
import {
  fileEntries,
  frequencyMs,
  noTracking,
  parseTracking,
  rulesFor,
  type TrackedRule,
  type Tracking,
} from './config/tracking.ts'
import { entryFingerprint } from './files/collector.ts'
import { tellStatus } from './handover/diagnostics.ts'
import { Handover } from './handover/handover.ts'
import { writeTextAtomically } from './host/folders.ts'
import { processId, thisMachine } from './host/machine.ts'
import { describedFile } from './report/described-file.ts'
import { writeReport } from './report/reports.ts'
import { type ChangeTrackingStatus, extensionStatusOf, statusOf, type TypeStatus } from './report/status.ts'
import { look } from './schedule/look.ts'
import { Scheduler } from './schedule/scheduler.ts'
import type { ChangeTrackingSettings } from './settings.ts'
import { State } from './state/state.ts'
import { tellStart, tellRuleProblems } from './state/own-records.ts'
import { version } from './version.ts'

/** What change tracking is given. */
export interface ChangeTrackingLife {
  readonly clock: Clock
  readonly log: Logger
  /** Stops what runs; `asyncDispose` waits for it. */
  readonly signal: AbortSignal
}

/** Change tracking of this machine, running. */
export interface ChangeTracking extends AsyncDisposable {
  /** Looks at everything now; resolves when that is done. */
  scanNow(): Promise<void>
  status(): ChangeTrackingStatus
}

/**
 * Opens the state and starts the three schedulers. Throws `ChangeTrackingError`: `already-running` where another process
 * has the state, `state-unusable` where its file cannot be used. Disposing finishes nothing and loses nothing: what was
 * found is in the state, what the agent did not take is in its outbox.
 */
export async function openChangeTracking(
  settings: ChangeTrackingSettings,
  life: ChangeTrackingLife,
): Promise<ChangeTracking> {
  const running = new Running(settings, life)
  await running.start()
  return running
}

class Running implements ChangeTracking {
  readonly #settings: ChangeTrackingSettings
  readonly #life: ChangeTrackingLife
  readonly #stop = new AbortController()
  readonly #signal: AbortSignal
  readonly #machine: MachineIdentity = thisMachine()
  readonly #startedAt: string
  readonly #state: State
  readonly #handover: Handover
  readonly #collectors: readonly Collector[]
  readonly #types = new Map<TrackedType, TypeStatus>()
  #schedulers: Scheduler[] = []
  #tracking: Tracking = noTracking
  #agentTrouble: string | undefined
  #background: Promise<unknown> = Promise.resolve()
  #told = ''
  #closing: Promise<void> | undefined

  constructor(settings: ChangeTrackingSettings, life: ChangeTrackingLife) {
    this.#settings = settings
    this.#life = life
    this.#signal = AbortSignal.any([this.#stop.signal, life.signal])
    this.#startedAt = new Date(life.clock.nowMs()).toISOString()
    this.#state = State.open(changeTrackingPlaces(settings.root).database, life.clock.nowMs())
    const { socketsDirectory } = settings
    this.#handover = new Handover({ state: this.#state, socketsDirectory, clock: life.clock, log: life.log })
    this.#collectors = openCollectors(() => fileEntries(this.#tracking).map(({ entry }) => entry))
  }

  async start(): Promise<void> {
    const { clock, log } = this.#life
    if (this.#state.loss !== undefined) log.error(this.#state.loss)
    // The rules of the last time are in force until the agent answers: an agent that is away stops nothing.
    const remembered = this.#state.remembered('config')
    const parsed = remembered === undefined ? undefined : parseTracking(remembered)
    if (parsed?.kind === 'parsed') this.#apply(parsed.value)
    this.#schedulers = this.#collectors.map(
      (collector) =>
        new Scheduler({
          clock,
          frequencyMs: () => frequencyMs(this.#tracking, collector.type),
          run: async (signal) => await this.#look(collector, AbortSignal.any([signal, this.#signal])),
        }),
    )
    const asking = askForTracking({
      socketsDirectory: this.#settings.socketsDirectory,
      refreshMs: this.#settings.configRefreshMs,
      retryMs: this.#settings.retryMs,
      clock,
      log,
      signal: this.#signal,
      onTrouble: (reason) => {
        this.#agentTrouble = reason
        this.#writeStatus()
      },
      onTracking: (tracking, text) => {
        log.info({ rules: tracking.rules.map(({ name }) => name) }, 'rules in force')
        this.#state.remember('config', text)
        this.#apply(tracking)
      },
    })
    this.#background = Promise.all([asking, this.#tellStatusAgainAndAgain()])
    await Promise.resolve()
  }

  #apply(tracking: Tracking): void {
    const coveredBefore = this.#collectors.map((collector) => collector.coverage().join())
    this.#tracking = tracking
    for (const problem of tracking.problems)
      this.#life.log.warn({ ...problem }, 'a rule is wrong; the rest is in force')
    tellStart({ state: this.#state, tracking, machine: this.#machine, atMs: this.#life.clock.nowMs() })
    tellRuleProblems({ state: this.#state, tracking, machine: this.#machine, atMs: this.#life.clock.nowMs() })
    for (const { type } of this.#collectors) {
      if (rulesFor(tracking, type).length === 0) this.#types.delete(type)
      else if (!this.#types.has(type)) this.#types.set(type, { count: 0, gaps: [] })
    }
    // What a rule newly asks for is looked at now: until then its changes cannot be told.
    for (const [index, scheduler] of this.#schedulers.entries()) {
      if (this.#collectors[index]?.coverage().join() === coveredBefore[index]) scheduler.reconsider()
      else void scheduler.runNow()
    }
    this.#handover.wake()
    this.#writeStatus()
  }

  async #look(collector: Collector, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#life
    const { type } = collector
    if (rulesFor(this.#tracking, type).length === 0) return
    const startedMs = clock.monotonicMs()
    const lastRunAt = new Date(clock.nowMs()).toISOString()
    try {
      if (this.#state.isFull) throw new Error('the outbox is full; looking goes on when the agent has taken some of it')
      const tracking = this.#tracking
      const result = await look(
        {
          collector,
          tracking,
          rulesOf: rulesFinder(tracking, type),
          state: this.#state,
          machine: this.#machine,
          clock,
          describe: (_key, item) => (type === 'Files' ? describedFile(item) : {}),
        },
        signal,
      )
      const lastRunMs = Math.round(clock.monotonicMs() - startedMs)
      if (result.changeCount > 0 || result.isInventorySent) {
        log.info({ type, changes: result.changeCount, inventory: result.isInventorySent, ms: lastRunMs }, 'looked')
        this.#handover.wake()
      }
      this.#handover.wake()
      writeReport(this.#settings.root, type, result.items)
      this.#types.set(type, { count: result.items.size, lastRunAt, lastRunMs, gaps: result.gaps })
    } catch (error) {
      if (isAbort(error, signal) || signal.aborted) return
      const lastError = error instanceof Error ? error.message : String(error)
      log.error({ type, error }, 'a look failed; the next one comes at its time')
      this.#types.set(type, { ...(this.#types.get(type) ?? { count: 0, gaps: [] }), lastRunAt, lastError })
    }
    this.#writeStatus()
  }

  status(): ChangeTrackingStatus {
    return statusOf({
      pid: processId,
      version,
      startedAt: this.#startedAt,
      types: this.#types,
      rules: this.#tracking.rules.map(({ name }) => name),
      ruleProblems: this.#tracking.problems.map(({ where, message }) => `${where}: ${message}`),
      agentTrouble: this.#agentTrouble ?? this.#handover.trouble,
      outboxCount: this.#state.outboxCount,
    })
  }

  #writeStatus(): void {
    if (this.#signal.aborted) return
    const status = this.status()
    try {
      const { logFolder } = changeTrackingPlaces(this.#settings.root)
      writeTextAtomically(`${logFolder}/status.json`, `${JSON.stringify(status, undefined, 2)}\n`)
    } catch (error) {
      this.#life.log.warn({ error }, 'status.json cannot be written')
    }
  }

  async #tellStatusAgainAndAgain(): Promise<void> {
    const { clock } = this.#life
    const { socketsDirectory, statusMs } = this.#settings
    let toldMs = -Infinity
    while (!this.#signal.aborted) {
      const status = this.status()
      const summary = `${status.status} ${status.detail} ${status.outboxCount > 0}`
      if (summary !== this.#told || clock.monotonicMs() - toldMs >= statusMs) {
        this.#writeStatus()
        const record = extensionStatusOf(status, extensionName)
        if (await tellStatus(record, { clock, signal: this.#signal, socketsDirectory })) this.#told = summary
        toldMs = clock.monotonicMs()
      }
      await clock.sleep(1_000, this.#signal).catch(() => undefined)
    }
  }

  async scanNow(): Promise<void> {
    await Promise.all(this.#schedulers.map(async (scheduler) => await scheduler.runNow()))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close()
    await this.#closing
  }

  async #close(): Promise<void> {
    this.#stop.abort(new Error('stopped'))
    await Promise.all(this.#schedulers.map(async (scheduler) => await scheduler[Symbol.asyncDispose]()))
    await this.#handover[Symbol.asyncDispose]()
    await this.#background
    this.#state[Symbol.dispose]()
  }
}

/** Rules by what covers an item: for files the rules of its entries, for other types all that ask for the type. */
function rulesFinder(tracking: Tracking, type: TrackedType): (coveredBy: readonly string[]) => readonly TrackedRule[] {
  const all = rulesFor(tracking, type)
  if (type !== 'Files') return () => all
  const byFingerprint = new Map<string, TrackedRule[]>()
  for (const { rule, entry } of fileEntries(tracking)) {
    const fingerprint = entryFingerprint(entry)
    const rules = byFingerprint.get(fingerprint) ?? []
    if (!rules.includes(rule)) byFingerprint.set(fingerprint, [...rules, rule])
  }
  return (coveredBy) => [...new Set(coveredBy.flatMap((fingerprint) => byFingerprint.get(fingerprint) ?? []))]
}
