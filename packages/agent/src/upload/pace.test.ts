// Goal: a fleet whose server was away for a day does not melt it when it comes back. Method: the schedules of 10,000
// agents, each with the real waits, against a server that takes 200 questions a second and refuses more with Retry-After.
import { randomFrom } from '@tidemark/base/testing'
import { expect, test } from 'vitest'

import { pace, RETRY_MS_MIN, retryDelayMs, spreadMs } from './pace.ts'

test('waits are anywhere below a bound that doubles to its limit, and never nothing', () => {
  const highest = [0, 1, 2, 8, 9, 1_000].map((attempt) => retryDelayMs(attempt, { chance: () => 0.999_999_9 }))
  expect(highest).toEqual([1_000, 2_000, 4_000, 256_000, 300_000, 300_000])
  expect(retryDelayMs(5, { chance: () => 0 })).toBe(RETRY_MS_MIN)
  expect(retryDelayMs(5, { chance: () => 0.25 })).toBe(8_000)
})

test('what the server asks for is waited whole, and jitter comes on top', () => {
  expect(retryDelayMs(0, { chance: () => 0, retryAfterMs: 7_000 })).toBe(7_000)
  expect(retryDelayMs(3, { chance: () => 0.5, retryAfterMs: 7_000 })).toBe(11_000)
})

test('an interval loses up to a tenth', () => {
  expect([spreadMs(1_000, () => 0), spreadMs(1_000, () => 0.999_999)]).toEqual([1_000, 900])
})

const AGENTS = 10_000
const DAY_MS = 86_400_000
/** Questions that the server answers in one second; more get 429 with Retry-After: 2. */
const CAPACITY = 200
/** Batches that each agent has after its day. */
const BATCHES = 3

interface Fleet {
  readonly peak: number
  readonly peakWhileAway: number
  readonly lastMs: number
  readonly uploaded: number
}

/** Plays the fleet from the moment the server goes (all notice within a second) until all is uploaded. */
function play(seed: number): Fleet {
  const chance = randomFrom(seed)
  const bySecond = new Map<number, number[]>()
  const at = (momentMs: number, agent: number): void => {
    const second = Math.floor(momentMs / 1_000)
    const there = bySecond.get(second)
    if (there) there.push(agent)
    else bySecond.set(second, [agent])
  }
  const failures = new Uint32Array(AGENTS)
  const left = new Uint32Array(AGENTS).fill(BATCHES)
  // Only the last hour of the day is played: by then every wait is at its limit, as after ten failures.
  failures.fill(12)
  const backMs = 3_600_000
  for (let agent = 0; agent < AGENTS; agent += 1) at(retryDelayMs(12, { chance }), agent)
  let [peak, peakWhileAway, lastMs, uploaded] = [0, 0, 0, 0]
  for (let second = 0; bySecond.size > 0 && second * 1_000 < DAY_MS; second += 1) {
    const asking = bySecond.get(second) ?? []
    bySecond.delete(second)
    const isBack = second * 1_000 >= backMs
    // The first minutes are the start of the model, not of an outage.
    if (second > 600) {
      if (isBack) peak = Math.max(peak, asking.length)
      else peakWhileAway = Math.max(peakWhileAway, asking.length)
    }
    for (const [order, agent] of asking.entries()) {
      const nowMs = second * 1_000 + 999
      if (!isBack || order >= CAPACITY) {
        const retryAfterMs = isBack ? 2_000 : undefined
        at(nowMs + retryDelayMs(failures[agent]!, { chance, retryAfterMs }), agent)
        failures[agent]! += 1
        continue
      }
      failures[agent] = 0
      left[agent]! -= 1
      uploaded += 1
      lastMs = nowMs - backMs
      if (left[agent]! > 0) at(nowMs + 1_000, agent)
    }
  }
  return { peak, peakWhileAway, lastMs, uploaded }
}

test('10,000 agents come back spread over minutes, and all is uploaded soon', () => {
  const { peak, peakWhileAway, lastMs, uploaded } = play(1)
  expect(uploaded).toBe(AGENTS * BATCHES)
  // Evenly over five minutes these would be 33 first questions a second, and twice that while the waits are drawn anew.
  const evenly = AGENTS / (pace.delayMsMax / 1_000)
  expect(peakWhileAway).toBeLessThan(4 * evenly)
  // Each that got through asks again at once for its next batches.
  expect(peak).toBeLessThan(8 * evenly)
  expect(lastMs).toBeLessThan(2 * pace.delayMsMax)
})
