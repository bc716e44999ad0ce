import { systemClock } from '@tidemark/base'
import { machineIdentity, type Row } from '@tidemark/model'
import { pino } from 'pino'

import { trackingOf } from '../config/tracking.ts'
import { openServicesMachine } from '../host/services-machine.ts'
import { Scheduler } from '../schedule/scheduler.ts'
import { look } from '../schedule/look.ts'
import { servicesCollector } from '../services/collector.ts'
import { State } from '../state/state.ts'

/**
 * Daemons of a machine below a root, tracked as the whole program tracks them: collector, watch, look, state and outbox, but no
 * schedule. What comes after the first look comes from what systemd says by itself.
 */
export class HeardDaemons implements AsyncDisposable {
  readonly rows: Row[] = []
  readonly #state: State
  readonly #stop = new AbortController()
  readonly #scheduler: Scheduler
  readonly #watch: AsyncDisposable | undefined
  #looks = 0

  constructor(root: string, statePath: string) {
    this.#state = State.open(statePath, systemClock.nowMs())
    const collector = servicesCollector(openServicesMachine(root))
    const tracking = trackingOf([
      { id: 'rule', originIds: [], extensionSettings: {}, outputStreams: { CONFIG_CHANGE_BLOB_V2: 'changes' } },
    ])
    const machine = machineIdentity({ hostName: 'here' })
    const options = { collector, tracking, rules: tracking.rules, state: this.#state, machine, clock: systemClock }
    this.#scheduler = new Scheduler({
      clock: systemClock,
      frequencyMs: () => undefined,
      run: async (signal) => {
        await look(options, signal).catch((error: unknown) => {
          if (!signal.aborted) throw error
        })
        this.#looks += 1
        this.#take()
      },
    })
    this.#watch = collector.watch?.({
      log: pino({ level: 'silent' }),
      signal: this.#stop.signal,
      isWanted: () => true,
      lookNow: async () => await this.#scheduler.runNow(),
    })
  }

  /** Waits until systemd is heard and what was there was looked at. */
  async heard(timeoutMs: number): Promise<void> {
    for (const untilMs = systemClock.monotonicMs() + timeoutMs; systemClock.monotonicMs() < untilMs;) {
      if (this.#looks > 0 && this.#state.items('Daemons').size > 0) return
      await systemClock.sleep(20)
    }
    throw new Error(`systemd was not heard within ${timeoutMs} ms`)
  }

  /** Rows of changes of one daemon, oldest first. */
  changesOf(name: string): Row[] {
    return this.rows.filter(({ SvcName }) => SvcName === name)
  }

  #take(): void {
    const waiting = this.#state.waiting({ countMax: 10_000, bytesMax: 1e9 })
    this.#state.handedOver(waiting.map(({ key }) => key))
    this.rows.push(...waiting.flatMap(({ rows }) => rows))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('stopped'))
    await this.#watch?.[Symbol.asyncDispose]()
    await this.#scheduler[Symbol.asyncDispose]()
    this.#state[Symbol.dispose]()
  }
}
