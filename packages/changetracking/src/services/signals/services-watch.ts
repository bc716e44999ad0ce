import { backoffMs, chance, newUuid } from '@tidemark/base'

import type { CollectorLife } from '../../collector.ts'
import { SystemdBus } from '../bus/systemd-bus.ts'
import type { SystemdSignal } from '../bus/systemd-signals.ts'
import type { ServicesMachine } from '../services-machine.ts'
import { type UnitType, unitTypeOf } from '../units/unit-name.ts'
import { Heard } from './heard.ts'

/** Between two tries to reach systemd, in milliseconds. */
const RETRY = { firstMs: 200, delayMsMax: 60_000 } as const
/** How often is asked whether somebody wants daemons, in milliseconds, while nobody does. */
const UNWANTED_MS = 5_000
/** How long unit files that systemd changed wait for their look, in milliseconds: changes come several in a row. */
const FILES_SETTLE_MS = 200
/** Looks that signals cause take this share of the time at most: a look of 50 ms is followed by a second without one. */
const REST_FACTOR = 20
/** So long at most, in milliseconds: a machine that is busy makes looks slow, not dear. */
const REST_MS_MAX = 300
const IDLE_MS = 3_600_000

/**
 * Listens to systemd and wants a look when a unit's state, or unit files, changed. When the connection ends (systemd or the
 * bus was started anew) it connects again, and everything is looked at once: what was not heard meanwhile is seen.
 */
export class ServicesWatch implements AsyncDisposable {
  readonly #machine: ServicesMachine
  readonly #life: CollectorLife
  readonly #stop = new AbortController()
  readonly #running: Promise<void>
  #types: ReadonlySet<UnitType> = new Set(['service'])
  #manager: SystemdBus | undefined
  #heard: Heard | undefined
  #filesDueMs: number | undefined
  #wake = new AbortController()
  #toldTrouble = ''

  constructor(machine: ServicesMachine, life: CollectorLife) {
    this.#machine = machine
    this.#life = life
    this.#running = this.#run()
  }

  /** The connection to systemd and what it said, while there is one; `types` are the units that are looked at. */
  heardOf(types: ReadonlySet<UnitType>): { readonly manager: SystemdBus; readonly heard: Heard } | undefined {
    this.#types = types
    if (this.#manager === undefined || this.#manager.ended.aborted || this.#heard === undefined) return undefined
    return { manager: this.#manager, heard: this.#heard }
  }

  async #run(): Promise<void> {
    const { clock } = this.#machine
    for (let attempt = 0; !this.#isStopped;) {
      if (!this.#life.isWanted()) {
        await this.#sleep(UNWANTED_MS)
        continue
      }
      const startedMs = clock.monotonicMs()
      await this.#listen().catch((error: unknown) => this.#tell(error))
      // What held for a while begins anew when it is lost.
      attempt = clock.monotonicMs() - startedMs > RETRY.delayMsMax ? 0 : attempt + 1
      await this.#sleep(backoffMs(attempt, RETRY, chance))
    }
  }

  #tell(error: unknown): void {
    const trouble = error instanceof Error ? error.message : String(error)
    if (this.#isStopped || trouble === this.#toldTrouble) return
    this.#toldTrouble = trouble
    this.#life.log.info({ trouble }, 'systemd is not heard; daemons are seen on schedule, and it is tried again')
  }

  async #listen(): Promise<void> {
    const { tree, userId, clock } = this.#machine
    if (tree.status('/run/systemd/system') === undefined) return
    await using manager = await SystemdBus.open(tree.root, { userId, clock, signal: this.#stop.signal })
    const heard = new Heard(newUuid())
    await manager.subscribe((signal) => this.#hear(heard, signal))
    this.#manager = manager
    this.#heard = heard
    this.#filesDueMs = clock.monotonicMs()
    this.#toldTrouble = ''
    const isOver = (): boolean => this.#isStopped || manager.ended.aborted || !this.#life.isWanted()
    try {
      while (!isOver()) {
        const dueMs = this.#dueMs(heard)
        if (dueMs > 0) await this.#sleep(dueMs, manager.ended)
        else await this.#look(heard, manager.ended)
      }
    } finally {
      this.#manager = undefined
      this.#heard = undefined
    }
  }

  #dueMs(heard: Heard): number {
    const nowMs = this.#machine.clock.monotonicMs()
    const filesMs = this.#filesDueMs === undefined ? IDLE_MS : this.#filesDueMs - nowMs
    return Math.min(filesMs, heard.pacer.leftMs(nowMs) ?? IDLE_MS)
  }

  async #look(heard: Heard, ended: AbortSignal): Promise<void> {
    const { clock } = this.#machine
    const startedMs = clock.monotonicMs()
    if (this.#filesDueMs !== undefined && this.#filesDueMs <= startedMs) {
      this.#filesDueMs = undefined
      heard.forgetWhole()
    }
    heard.wake()
    await this.#life.lookNow()
    // A look that did not come to its collector must not be wanted again at once.
    heard.pacer.take(startedMs)
    const restMs = Math.min(REST_MS_MAX, REST_FACTOR * (clock.monotonicMs() - startedMs))
    await clock.sleep(restMs, AbortSignal.any([this.#stop.signal, this.#life.signal, ended])).catch(() => undefined)
  }

  #hear(heard: Heard, signal: SystemdSignal): void {
    const { clock } = this.#machine
    const monotonicMs = clock.monotonicMs()
    if (signal.kind === 'files') this.#filesDueMs = monotonicMs + FILES_SETTLE_MS
    else {
      const type = unitTypeOf(signal.unit)
      if (type === undefined || !this.#types.has(type)) return
      if (signal.kind === 'changed') {
        if (signal.state === undefined || !heard.add(signal.unit, signal.state, { nowMs: clock.nowMs(), monotonicMs }))
          return
      } else if (heard.isKnown(signal.unit)) heard.touch(signal.unit, { isSettled: true, monotonicMs })
      else return
    }
    this.#wake.abort()
  }

  async #sleep(durationMs: number, ended?: AbortSignal): Promise<void> {
    if (this.#wake.signal.aborted) this.#wake = new AbortController()
    const signals = [this.#stop.signal, this.#life.signal, ...(ended === undefined ? [] : [ended, this.#wake.signal])]
    await this.#machine.clock.sleep(durationMs, AbortSignal.any(signals)).catch(() => undefined)
  }

  get #isStopped(): boolean {
    return this.#stop.signal.aborted || this.#life.signal.aborted
  }

  /** Stops listening. Safe to call twice. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('stopped'))
    await this.#running
  }
}
