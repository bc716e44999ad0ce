import type { Clock } from '@tidemark/base'
import { afterEach, expect, test } from 'vitest'

import { Scheduler } from './scheduler.ts'

/** A clock whose sleeps end when the test moves it there. */
class SteppedClock implements Clock {
  #nowMs = 0
  readonly #sleepers = new Set<{ readonly untilMs: number; readonly wake: () => void }>()

  nowMs(): number {
    return this.#nowMs
  }

  monotonicMs(): number {
    return this.#nowMs
  }

  async sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    await new Promise<void>((resolve, reject) => {
      const sleeper = { untilMs: this.#nowMs + durationMs, wake: resolve }
      this.#sleepers.add(sleeper)
      signal?.addEventListener('abort', () => {
        this.#sleepers.delete(sleeper)
        reject(new Error('aborted'))
      })
    })
  }

  async advance(durationMs: number): Promise<void> {
    this.#nowMs += durationMs
    for (const sleeper of this.#sleepers) {
      if (sleeper.untilMs > this.#nowMs) continue
      this.#sleepers.delete(sleeper)
      sleeper.wake()
    }
    await settled()
  }
}

const settled = async (): Promise<void> => await new Promise((resolve) => setImmediate(resolve))

let scheduler: Scheduler | undefined
afterEach(async () => await scheduler?.[Symbol.asyncDispose]())

interface World {
  readonly clock: SteppedClock
  readonly startsMs: number[]
  frequencyMs: number | undefined
  /** Lets the present run end. */
  finish: () => void
}

async function start(options: { frequencyMs: number | undefined; isHeld?: boolean }): Promise<World> {
  const world: World = {
    clock: new SteppedClock(),
    startsMs: [],
    frequencyMs: options.frequencyMs,
    finish: () => undefined,
  }
  scheduler = new Scheduler({
    clock: world.clock,
    frequencyMs: () => world.frequencyMs,
    run: async (signal) => {
      world.startsMs.push(world.clock.nowMs())
      if (options.isHeld !== true) return
      await new Promise<void>((resolve) => {
        world.finish = resolve
        signal.addEventListener('abort', () => resolve())
      })
    },
  })
  await settled()
  return world
}

test('it runs at once, and then at its frequency', async () => {
  const { clock, startsMs } = await start({ frequencyMs: 100 })
  for (let step = 0; step < 25; step += 1) await clock.advance(10)
  expect(startsMs).toEqual([0, 100, 200])
})

test('it runs nothing while nothing asks for it, and at once when something does', async () => {
  const world = await start({ frequencyMs: undefined })
  await world.clock.advance(5_000)
  expect(world.startsMs).toEqual([])
  world.frequencyMs = 100
  scheduler?.reconsider()
  await settled()
  expect(world.startsMs).toEqual([5_000])
})

test('a frequency that changes counts from the last start', async () => {
  const world = await start({ frequencyMs: 1_000 })
  await world.clock.advance(300)
  world.frequencyMs = 400
  scheduler?.reconsider()
  await settled()
  expect(world.startsMs).toEqual([0])
  await world.clock.advance(100)
  expect(world.startsMs).toEqual([0, 400])
})

test('runs never overlap: one that is due or asked for waits for the one before', async () => {
  const world = await start({ frequencyMs: 100, isHeld: true })
  await world.clock.advance(350)
  let isDone = false
  const asked = scheduler?.runNow().then(() => (isDone = true))
  await settled()
  expect(world.startsMs).toEqual([0])
  world.finish()
  await settled()
  expect([world.startsMs, isDone]).toEqual([[0, 350], false])
  world.finish()
  await asked
  expect(isDone).toBe(true)
})

test('stopping ends the present run, and nobody who asked for one waits for ever', async () => {
  const world = await start({ frequencyMs: 100, isHeld: true })
  const asked = scheduler?.runNow()
  await scheduler?.[Symbol.asyncDispose]()
  await asked
  await scheduler?.runNow()
  await scheduler?.[Symbol.asyncDispose]()
  expect(world.startsMs).toEqual([0])
})
