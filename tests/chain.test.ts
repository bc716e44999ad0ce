import { expect, test } from 'vitest'

import { type Blow, Chain } from './chain/chain.ts'

// Goal: each change arrives once, none is lost, and the numbers have no gap, whatever dies between the look at a machine
// and the commit of its rows. Method: state and outbox, hand-over, sockets, sink, uploads, routes and committer are the
// real ones, over disks in memory that fail or lose power at any operation, a network that breaks, and a store that ends
// in the middle of a group; time is simulated. What arrived is replayed: it must lead to the world as it is.
// TIDEMARK_CUTS says how many blows; the seed is printed, and TIDEMARK_SEED takes it.

const CUTS = Number(process.env['TIDEMARK_CUTS'] ?? 1_000)
const SEED = Number(process.env['TIDEMARK_SEED'] ?? Date.now() % 1_000_000)
/** Blows after which a chain is drained and judged. */
const ROUNDS = 20

test(`each change arrives once over ${CUTS} kills and cuts (seed ${SEED})`, async () => {
  const struck = new Map<Blow, number>()
  let [cuts, rows] = [0, 0]
  for (let seed = SEED; cuts < CUTS; seed += 1) {
    const chain = new Chain(seed)
    await chain.start()
    for (let round = 0; round < ROUNDS; round += 1) await chain.round()
    const wrong = await chain.drained()
    expect(wrong, `TIDEMARK_SEED=${seed} TIDEMARK_CUTS=1`).toEqual([])
    for (const [blow, count] of chain.struck) struck.set(blow, (struck.get(blow) ?? 0) + count)
    cuts += [...chain.struck.values()].reduce((sum, count) => sum + count, 0)
    rows += chain.server.store.rows.length
  }
  console.log(`${cuts} blows, ${rows} rows: ${JSON.stringify(Object.fromEntries(struck))}`)
  // Every kind of blow falls, or the test is not what it says.
  if (CUTS >= 500) expect(struck.size).toBe(12)
}, 3_600_000)

// As above for the one record that is being written when the power goes: each length that may be left of it. The quick
// form takes every 16th, other ones at each run.
test('a power cut in the sink’s tail: what was acknowledged is there, what was not comes again', async () => {
  const stride = CUTS > 1_000 ? 1 : 16
  let lengths = 0
  for (let bytes = SEED % stride, isWhole = false; !isWhole; bytes += stride) {
    const chain = new Chain(7)
    await chain.start()
    isWhole = await chain.cutInTail(bytes)
    expect(await chain.drained(), `${bytes} bytes of the tail`).toEqual([])
    lengths += 1
  }
  expect(lengths * stride).toBeGreaterThan(200)
}, 3_600_000)
