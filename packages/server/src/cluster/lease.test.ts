// Goal: no two servers hold the lease at a time, whatever their clocks say, and nobody holds it for ever. Method: servers with a
// clock each over one database, which tend it, stand still, lose the database and die as fast-check says.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { ManualClock } from '@tidemark/base/testing'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { SqliteMetadata } from '../metadata/sqlite-metadata.ts'
import { HOLD_MS, Lease, TAKEOVER_MS } from './lease.ts'

let folder = ''
let metadata: SqliteMetadata
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-lease-'))
  metadata = new SqliteMetadata(join(folder, 'metadata.db'))
})
afterEach(async () => {
  await metadata[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

function server(name = 'rows') {
  const clock = new ManualClock()
  return { clock, lease: new Lease(metadata, { name, url: 'http://one', clock }) }
}

test('the first one has it, and others know where', async () => {
  const [one, other] = [server(), server()]
  await one.lease.tend(7)
  await other.lease.tend(0)
  expect([one.lease.isHeld, other.lease.isHeld]).toEqual([true, false])
  expect(other.lease.view).toMatchObject({ url: 'http://one', settled: 7 })
})

test('who does not renew it loses it, before another one gets it', async () => {
  const [one, other] = [server(), server()]
  await one.lease.tend(0)
  await other.lease.tend(0)
  one.clock.advance(HOLD_MS)
  expect(one.lease.isHeld).toBe(false)
  other.clock.advance(TAKEOVER_MS - 1)
  await other.lease.tend(0)
  expect(other.lease.isHeld).toBe(false)
  other.clock.advance(1)
  await other.lease.tend(0)
  expect(other.lease.isHeld).toBe(true)
  await one.lease.tend(0)
  expect([one.lease.isHeld, one.lease.view.settled]).toEqual([false, 0])
})

test('who goes gives it to the next one at once, with what was settled', async () => {
  const [one, other] = [server(), server()]
  await one.lease.tend(3)
  await one.lease.release(9)
  expect(one.lease.isHeld).toBe(false)
  await other.lease.tend(0)
  expect([other.lease.isHeld, other.lease.view.settled]).toEqual([true, 9])
})

test('whatever stands still, one at most may act on it', async () => {
  const step = fc.record({
    who: fc.nat(2),
    passedMs: fc.constantFrom(100, 1_000, HOLD_MS - 1, HOLD_MS, TAKEOVER_MS),
    tends: fc.boolean(),
  })
  let run = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      run += 1
      const servers = [server(`r${run}`), server(`r${run}`), server(`r${run}`)]
      for (const { who, passedMs, tends } of steps) {
        // The same time passes for all; who does not tend stands still.
        for (const { clock } of servers) clock.advance(passedMs)
        if (tends) await servers[who]?.lease.tend(0)
        expect(servers.filter(({ lease }) => lease.isHeld).length).toBeLessThanOrEqual(1)
      }
      for (let beat = 0; beat < 3; beat += 1) {
        servers[0]?.clock.advance(TAKEOVER_MS)
        await servers[0]?.lease.tend(0)
      }
      expect(servers[0]?.lease.isHeld).toBe(true)
    }),
    { numRuns: 60 },
  )
})
