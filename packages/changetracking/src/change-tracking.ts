import { type Clock, isAbort } from '@tidemark/base'
import {
  arcFolders,
  type ChangeTrackingPlaces,
  changeTrackingPlaces,
  extensionName,
  type MachineIdentity,
  type TrackedType,
  trackedTypes,
} from '@tidemark/model'
import type { Logger } from 'pino'

import type { ChangeColumns, Collector } from './collector.ts'
import { openCollectors } from './collectors.ts'
import { answerQuestions } from './config/answering.ts'
import { askForTracking } from './config/asking.ts'
import { frequencyMs, noTracking, parseTracking, rulesFor, type Tracking } from './config/tracking.ts'
import { FileTracking } from './files/file-tracking.ts'
import { FileWatching } from './files/file-watching.ts'
import { trackedSetOf } from './files/files-keeper.ts'
import { parseNames } from './files/owners.ts'
import { forecastOf } from './forecast/forecast-of.ts'
import { tellStatus } from './handover/diagnostics.ts'
import { Handover } from './handover/handover.ts'
import { writeTextAtomically } from './host/folders.ts'
import { processId, thisMachine } from './host/machine.ts'
import { removeOlderFolders } from './host/older-folders.ts'
import { ownerTexts } from './host/owner-texts.ts'
import { openLogFiles } from './host/package-logs.ts'
import { OperationTracking } from './packages/operations/operation-tracking.ts'
import { logSources } from './packages/operations/sources.ts'
import { Unpacking } from './packages/operations/unpacking.ts'
import { writeReport } from './report/reports.ts'
import { type ChangeTrackingStatus, extensionStatusOf, statusOf, type TypeStatus } from './report/status.ts'
import { look } from './schedule/look.ts'
import { Scheduler } from './schedule/scheduler.ts'
import type { ChangeTrackingSettings } from './settings.ts'
import { softwareMachine } from './software/machine.ts'
import { SoftwareWatching } from './software/watching.ts'
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
  readonly #places: ChangeTrackingPlaces
  readonly #state: State
  readonly #handover: Handover
  readonly #files: FileTracking
  readonly #operations: OperationTracking
  readonly #watching: FileWatching
  readonly #softwareWatching: SoftwareWatching
  readonly #types = new Map<TrackedType, TypeStatus>()
  readonly #collectors = openCollectors()
  readonly #hearing: AsyncDisposable[] = []
  #schedulers = new Map<TrackedType, Scheduler>()
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
    this.#places = changeTrackingPlaces(settings.root, { mode: settings.mode, version })
    this.#state = State.open(this.#places.database, life.clock.nowMs())
    const { socketsDirectory } = settings
    this.#handover = new Handover({ state: this.#state, socketsDirectory, clock: life.clock, log: life.log })
    const logs = openLogFiles('/')
    const unpacking = new Unpacking(logs)
    this.#files = new FileTracking({
      state: this.#state,
      places: this.#places,
      machine: this.#machine,
      clock: life.clock,
      log: life.log,
      tracking: () => this.#tracking,
      onRows: () => this.#handover.wake(),
      onProgress: () => this.#writeStatus(),
      who: (path) => this.#watching.who(path),
      tie: () => this.#operations.tieFiles(),
      blind: () => this.#watching.gaps,
      unfinished: () => unpacking.unfinished(),
    })
    const { clock, log } = life
    this.#operations = new OperationTracking({
      files: logs,
      readers: logSources(logs, { place: (path) => path, clock, users: () => parseNames(ownerTexts().passwd) }),
      state: this.#state,
      machine: this.#machine,
      clock,
      log,
      tracking: () => this.#tracking,
      onRows: () => this.#handover.wake(),
    })
    this.#watching = new FileWatching({
      files: this.#files,
      root: settings.root,
      places: this.#places,
      clock,
      log,
      signal: this.#signal,
      unfinished: () => unpacking.unfinished(),
    })
    this.#softwareWatching = new SoftwareWatching({
      clock,
      log,
      signal: this.#signal,
      machine: softwareMachine('/'),
      rules: () => rulesFor(this.#tracking, 'Software'),
      look: async () => await this.#schedulers.get('Software')?.runNow(),
    })
  }

  async start(): Promise<void> {
    const { clock, log } = this.#life
    if (this.#state.loss !== undefined) log.error(this.#state.loss)
    const { root, mode } = this.#settings
    if (mode === 'arc') removeOlderFolders(arcFolders(root), version)
    // The rules of the last time are in force until the agent answers: an agent that is away stops nothing.
    const remembered = this.#state.remembered('config')
    const parsed = remembered === undefined ? undefined : parseTracking(remembered)
    if (parsed?.kind === 'parsed') this.#apply(parsed.value)
    const looks: [TrackedType, (signal: AbortSignal) => Promise<TypeStatus>][] = [
      ['Files', async (signal) => await this.#lookAtFiles(signal)],
      ...this.#collectors.map((collector): (typeof looks)[number] => [
        collector.type,
        async (signal) => await this.#lookAt(collector, signal),
      ]),
    ]
    for (const [type, run] of looks)
      this.#schedulers.set(
        type,
        new Scheduler({
          clock,
          frequencyMs: () => frequencyMs(this.#tracking, type),
          run: async (signal) => await this.#look(type, run, AbortSignal.any([signal, this.#signal])),
        }),
      )
    for (const collector of this.#collectors) this.#hear(collector)
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
    const answering = answerQuestions({
      socketsDirectory: this.#settings.socketsDirectory,
      refreshMs: this.#settings.configRefreshMs,
      retryMs: this.#settings.retryMs,
      clock,
      log,
      signal: this.#signal,
      forecast: forecastOf,
    })
    this.#background = Promise.all([asking, answering, this.#tellStatusAgainAndAgain()])
    await Promise.resolve()
  }

  #apply(tracking: Tracking): void {
    const before = this.#tracking
    this.#tracking = tracking
    for (const problem of tracking.problems)
      this.#life.log.warn({ ...problem }, 'a rule is wrong; the rest is in force')
    tellStart({ state: this.#state, tracking, machine: this.#machine, atMs: this.#life.clock.nowMs() })
    tellRuleProblems({ state: this.#state, tracking, machine: this.#machine, atMs: this.#life.clock.nowMs() })
    for (const type of trackedTypes) {
      if (rulesFor(tracking, type).length === 0) this.#types.delete(type)
      else if (!this.#types.has(type)) this.#types.set(type, { count: 0, gaps: [] })
    }
    this.#softwareWatching.renew()
    // Watched before it is looked at: what changes in between is seen twice, not never.
    const watched = this.#watching.follow(tracking).catch((error: unknown) => {
      this.#life.log.error({ error }, 'changes of files are seen on schedule only')
    })
    // What a rule newly asks for is looked at now: until then its changes cannot be told.
    for (const [type, scheduler] of this.#schedulers) {
      const [old, now] = [before, tracking].map((each) => coverageOf(each, type, this.#collectors))
      if (old === now) scheduler.reconsider()
      else void watched.then(async () => await scheduler.runNow())
    }
    this.#handover.wake()
    this.#writeStatus()
  }

  async #look(
    type: TrackedType,
    run: (signal: AbortSignal) => Promise<TypeStatus>,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, log } = this.#life
    if (rulesFor(this.#tracking, type).length === 0) return
    const startedMs = clock.monotonicMs()
    const lastRunAt = new Date(clock.nowMs()).toISOString()
    try {
      if (this.#state.isFull) throw new Error('the outbox is full; looking goes on when the agent has taken some of it')
      const status = await run(signal)
      this.#types.set(type, { ...status, lastRunAt, lastRunMs: Math.round(clock.monotonicMs() - startedMs) })
    } catch (error) {
      if (isAbort(error, signal) || signal.aborted) return
      const lastError = error instanceof Error ? error.message : String(error)
      log.error({ type, error }, 'a look failed; the next one comes at its time')
      this.#types.set(type, { ...(this.#types.get(type) ?? { count: 0, gaps: [] }), lastRunAt, lastError })
    }
    this.#writeStatus()
  }

  async #lookAtFiles(signal: AbortSignal): Promise<TypeStatus> {
    const { changeCount, isInventorySent, aliases } = await this.#files.look({ kind: 'scheduled' }, signal)
    await this.#watching.followLinks(aliases)
    if (changeCount > 0 || isInventorySent)
      this.#life.log.info({ type: 'Files', changes: changeCount, inventory: isInventorySent }, 'looked')
    const { count, gaps, entries } = this.#files.status
    return { count, gaps: [...gaps, ...this.#watching.gaps], entries }
  }

  async #lookAt(collector: Collector, signal: AbortSignal): Promise<TypeStatus> {
    const { clock, log } = this.#life
    const { type } = collector
    const tracking = this.#tracking
    const rules = rulesFor(tracking, type)
    const tie = (): ((columns: ChangeColumns) => ChangeColumns) => this.#operations.tiePackages()
    const options = { collector, tracking, rules, state: this.#state, machine: this.#machine, clock }
    const result = await look(type === 'Software' ? { ...options, tie } : options, signal)
    if (result.changeCount > 0 || result.isInventorySent)
      log.info({ type, changes: result.changeCount, inventory: result.isInventorySent }, 'looked')
    for (const note of result.notes) log.debug({ type }, note)
    this.#handover.wake()
    writeReport(this.#places, type, result.items)
    return { count: result.items.size, gaps: result.gaps }
  }

  #hear(collector: Collector): void {
    const hearing = collector.watch?.({
      log: this.#life.log,
      signal: this.#signal,
      isWanted: () => rulesFor(this.#tracking, collector.type).length > 0,
      lookNow: async () => await this.#schedulers.get(collector.type)?.runNow(),
    })
    if (hearing !== undefined) this.#hearing.push(hearing)
  }

  status(): ChangeTrackingStatus {
    return statusOf({
      pid: processId,
      version,
      startedAt: this.#startedAt,
      types: this.#types,
      filesProgress: this.#files.status.progress,
      watchMethod: this.#watching.method,
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
      writeTextAtomically(`${this.#places.logFolder}/status.json`, `${JSON.stringify(status, undefined, 2)}\n`)
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
      this.#tellOperations()
      await this.#files.goOn(this.#signal).catch((error: unknown) => {
        if (!this.#signal.aborted) this.#life.log.error({ error }, 'the inventory of files could not go on')
      })
    }
  }

  #tellOperations(): void {
    if (this.#signal.aborted) return
    try {
      this.#operations.goOn()
    } catch (error) {
      this.#life.log.error({ error }, 'operations of package managers could not be told; it is tried again')
    }
  }

  async scanNow(): Promise<void> {
    await Promise.all([...this.#schedulers.values()].map(async (scheduler) => await scheduler.runNow()))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close()
    await this.#closing
  }

  async #close(): Promise<void> {
    this.#stop.abort(new Error('stopped'))
    await Promise.all(this.#hearing.map(async (each) => await each[Symbol.asyncDispose]()))
    await Promise.all([...this.#schedulers.values()].map(async (each) => await each[Symbol.asyncDispose]()))
    await this.#watching[Symbol.asyncDispose]()
    await this.#softwareWatching[Symbol.asyncDispose]()
    await this.#files[Symbol.asyncDispose]()
    await this.#handover[Symbol.asyncDispose]()
    await this.#background
    this.#state[Symbol.dispose]()
  }
}

/** What a type's rules ask for, as text that differs where that differs. */
function coverageOf(tracking: Tracking, type: TrackedType, collectors: readonly Collector[]): string {
  if (type === 'Files') return JSON.stringify(trackedSetOf(tracking))
  const rules = rulesFor(tracking, type)
  const collector = collectors.find((each) => each.type === type)
  return rules.length === 0 ? '' : ['all', ...(collector?.coverage(rules) ?? [])].join(' ')
}
