import type { Clock } from '@tidemark/base'
import type { Logger } from 'pino'

import type { CollectorRule } from '../collector.ts'
import { type FolderWatch, watchFolder } from '../host/folder-watch.ts'
import type { SoftwareMachine } from './source.ts'
import { sourcesFor } from './sources.ts'

/** How long a database must be left alone before it is looked at, in milliseconds. */
export const QUIET_MS = 250
/** How often it is asked whether a package manager has let go of its lock, in milliseconds. */
export const LOCK_POLL_MS = 250
/** How long it must be left alone while a package manager holds its lock and does something else, in milliseconds. */
export const LOCKED_QUIET_MS = 5_000
/** The longest that a database which is written all the time is not looked at, in milliseconds. */
export const UNQUIET_MS_MAX = 30_000

/** What the watch of package databases runs on. */
export interface SoftwareWatchingLife {
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
  readonly machine: SoftwareMachine
  /** The rules in force that ask for software. */
  readonly rules: () => readonly CollectorRule[]
  /** Looks at software; must not reject. */
  readonly look: () => Promise<void>
}

/**
 * Watches the databases of all package managers, and has them looked at when one is done: they are left alone and their
 * lock is free. Where nothing can be watched the schedule remains. Disposing loses nothing: the next look finds it.
 */
export class SoftwareWatching implements AsyncDisposable {
  readonly #life: SoftwareWatchingLife
  readonly #stop = new AbortController()
  readonly #signal: AbortSignal
  readonly #running: Promise<void>
  readonly #watches = new Map<string, { readonly watch: FolderWatch; readonly names: RegExp[] }>()
  #touchedMs: number | undefined
  #wake = Promise.withResolvers<void>()
  #refusal = ''

  constructor(life: SoftwareWatchingLife) {
    this.#life = life
    this.#signal = AbortSignal.any([this.#stop.signal, life.signal])
    this.#signal.addEventListener('abort', () => this.#wake.resolve(), { once: true })
    this.#running = this.#run()
  }

  /** How many folders are watched. */
  get size(): number {
    return this.#watches.size
  }

  /** Watches what there is now to watch; call it when rules changed and after each look. */
  renew(): void {
    if (this.#signal.aborted) return
    const { machine, log } = this.#life
    const wanted = this.#wanted()
    for (const [place, { watch }] of this.#watches)
      if (!wanted.has(place)) {
        watch.close()
        this.#watches.delete(place)
      }
    for (const [place, names] of wanted) {
      if (this.#watches.has(place)) continue
      const watch = watchFolder(machine.tree.place(place) ?? place, {
        onName: (name) => this.#tell(place, name),
        onEnd: () => this.#end(place),
      })
      if (typeof watch !== 'string') this.#watches.set(place, { watch, names })
      else if (this.#refusal !== watch) {
        this.#refusal = watch
        log.warn({ place, reason: watch }, 'packages are seen on schedule only')
      }
    }
  }

  /** Folders that are there, with the names in them that count. */
  #wanted(): Map<string, RegExp[]> {
    const rules = this.#life.rules()
    const wanted = new Map<string, RegExp[]>()
    if (!rules.some(({ settings }) => settings.watchSoftware)) return wanted
    for (const { path, names } of sourcesFor(rules).flatMap(({ watched }) => watched.folders)) {
      if (this.#life.machine.tree.stamp(path) === undefined) continue
      wanted.set(path, [...(wanted.get(path) ?? []), names])
    }
    return wanted
  }

  #tell(place: string, name: string): void {
    if (this.#watches.get(place)?.names.some((each) => each.test(name)) === true) this.#touch()
    // The folder itself went: libuv tells its own name.
    else if (place.endsWith(`/${name}`) && this.#life.machine.tree.stamp(place) === undefined) this.#end(place)
  }

  #end(place: string): void {
    this.#watches.get(place)?.watch.close()
    this.#watches.delete(place)
    this.#touch()
  }

  #touch(): void {
    this.#touchedMs = this.#life.clock.monotonicMs()
    this.#wake.resolve()
  }

  async #run(): Promise<void> {
    while (!this.#signal.aborted) {
      await this.#wake.promise
      this.#wake = Promise.withResolvers<void>()
      if (this.#signal.aborted) return
      let isAtWork = true
      while (isAtWork && !this.#signal.aborted) {
        await this.#untilSettled()
        if (this.#signal.aborted) return
        isAtWork = this.#isAtWork()
        this.#touchedMs = undefined
        await this.#life.look()
        this.renew()
        // What it was seen in the middle of is looked at again when it is over.
        if (isAtWork) await this.#untilFreeOrTouched()
      }
      if (this.#touchedMs !== undefined) this.#wake.resolve()
    }
  }

  async #untilSettled(): Promise<void> {
    const { clock } = this.#life
    const sinceMs = clock.monotonicMs()
    for (;;) {
      const nowMs = clock.monotonicMs()
      const quietMs = nowMs - (this.#touchedMs ?? sinceMs)
      if (nowMs - sinceMs >= UNQUIET_MS_MAX || quietMs >= LOCKED_QUIET_MS) return
      if (quietMs >= QUIET_MS && !this.#isAtWork()) return
      await this.#sleep(quietMs < QUIET_MS ? QUIET_MS - quietMs : LOCK_POLL_MS)
      if (this.#signal.aborted) return
    }
  }

  async #untilFreeOrTouched(): Promise<void> {
    while (!this.#signal.aborted && this.#touchedMs === undefined && this.#isAtWork()) await this.#sleep(LOCK_POLL_MS)
  }

  async #sleep(durationMs: number): Promise<void> {
    await this.#life.clock.sleep(durationMs, this.#signal).catch(() => undefined)
  }

  #isAtWork(): boolean {
    const { machine, rules } = this.#life
    return sourcesFor(rules()).some(
      ({ watched: { locks = [], lockFiles = [] } }) =>
        locks.some((path) => machine.isLocked(path)) ||
        lockFiles.some((path) => machine.tree.stamp(path) !== undefined),
    )
  }

  /** Stops watching and waits for a look that runs. Safe to call twice. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('stopped'))
    for (const { watch } of this.#watches.values()) watch.close()
    this.#watches.clear()
    await this.#running
  }
}
