// Goal: at the budget the right rows go, all of them counted. Method: a disk in memory, budgets of a few records.
import { ManualClock } from '@tidemark/base/testing'
import { streamId } from '@tidemark/model'
import fc from 'fast-check'
import { pino } from 'pino'
import { expect, test } from 'vitest'

import { FaultyDisk } from './faulty-disk.ts'
import { encodeRecord } from './segment.ts'
import { Sink, type SinkOptions } from './sink.ts'
import type { SinkStream } from './sink-stream.ts'

const dcr = `dcr-${'a'.repeat(32)}`
const changesId = streamId({ dcr, dataSource: 'CTDataSource-Linux', dataType: 'CONFIG_CHANGE_BLOB_V2' })
const inventoryId = streamId({ dcr, dataSource: 'CTDataSource-Linux', dataType: 'CONFIG_DATA_BLOB_V2' })
const clock = new ManualClock()
const recordBytes = encodeRecord({ chunk: 'c0000', at: clock.nowMs(), rows: [{ value: 1000 }] }).length

function open(budgetRecords: number, more: Partial<SinkOptions> = {}, disk = new FaultyDisk()) {
  const log = pino({ level: 'silent' })
  const bytesMax = budgetRecords * recordBytes
  const sink = new Sink('/s', () => true, {
    bytesMax,
    segmentBytesMax: 2 * recordBytes,
    files: disk,
    clock,
    log,
    ...more,
  })
  const [changes, inventory] = [sink.stream(changesId), sink.stream(inventoryId)]
  for (const stream of [changes, inventory]) stream.reader('r')
  return { sink, changes, inventory, disk }
}

async function fill(stream: SinkStream, from: number, count: number): Promise<string[]> {
  const kinds: string[] = []
  for (let value = from; value < from + count; value += 1) {
    clock.advance(1_000)
    kinds.push((await stream.append([{ value: 1000 + value }], `c${String(value).padStart(4, '0')}`)).kind)
  }
  return kinds
}

function valuesIn(stream: SinkStream): number[] {
  const batch = stream.reader('r').nextBatch({ rowsMax: 10_000, bytesMax: 1_000_000 })
  if (batch) stream.reader('r').abandon(batch)
  return (batch?.rows ?? []).map(({ value }) => Number(value) - 1000)
}

test('inventory goes before changes, oldest first, and is counted', async () => {
  const { changes, inventory, sink } = open(12)
  await fill(changes, 0, 4)
  await fill(inventory, 100, 8)
  expect(await fill(changes, 4, 4)).toEqual(Array.from({ length: 4 }, () => 'accepted'))
  expect(valuesIn(changes)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  expect(valuesIn(inventory)).toEqual([104, 105, 106, 107])
  expect(inventory.untold()).toMatchObject({ rows: 4, bytes: expect.any(Number) })
  expect(changes.untold()).toBeUndefined()
  expect(sink.storedBytes).toBeLessThanOrEqual(12 * recordBytes)
})

test('without inventory the oldest changes go, and inventory that comes then is dropped and counted', async () => {
  const { changes, inventory } = open(8)
  await fill(changes, 0, 10)
  expect(valuesIn(changes)).toEqual([2, 3, 4, 5, 6, 7, 8, 9])
  const [fromMs, toMs] = [clock.nowMs() - 9_000, clock.nowMs() - 8_000]
  expect(changes.untold()).toMatchObject({ rows: 2, fromMs, toMs })
  expect(await fill(inventory, 100, 1)).toEqual(['accepted'])
  expect([valuesIn(changes).length, valuesIn(inventory)]).toEqual([8, []])
  expect(inventory.untold()).toMatchObject({ rows: 1 })
})

test('what was dropped is told under one id until it was, over a restart, and then no more', async () => {
  const { changes, disk } = open(4)
  await fill(changes, 0, 6)
  const tally = changes.untold()
  await fill(changes, 6, 2)
  const again = open(4, {}, disk).changes
  expect(again.untold()).toEqual(tally)
  again.told()
  expect(again.untold()).toMatchObject({ rows: 2 })
  again.told()
  expect(again.hasUntold).toBe(false)
})

test('rows of a batch under way stay, and whoever has no room waits', async () => {
  const { changes } = open(4)
  await fill(changes, 0, 4)
  const batch = changes.reader('r').nextBatch({ rowsMax: 100, bytesMax: 100_000 })
  expect(await fill(changes, 4, 1)).toEqual(['unavailable'])
  if (batch) changes.reader('r').finish(batch)
  expect(await fill(changes, 4, 1)).toEqual(['accepted'])
  expect(changes.hasUntold).toBe(false)
})

test('a stream has its own limit; a record above it is counted, not waited for', async () => {
  const { changes, inventory } = open(100, { streamBytesMax: 4 * recordBytes })
  await fill(inventory, 100, 4)
  await fill(changes, 0, 6)
  expect([valuesIn(changes), valuesIn(inventory)]).toEqual([
    [2, 3, 4, 5],
    [100, 101, 102, 103],
  ])
  expect(await changes.append([{ value: 1, text: 'x'.repeat(5 * recordBytes) }])).toEqual({ kind: 'accepted' })
  expect(changes.untold()).toMatchObject({ rows: 3 })
})

test('on a disk that others fill it does not grow, and gives up no more than it takes', async () => {
  const disk = new FaultyDisk()
  const { changes, inventory, sink } = open(100, { diskFreeBytesMin: 1_000 }, disk)
  await fill(changes, 0, 6)
  await fill(inventory, 100, 4)
  const before = sink.storedBytes
  disk.free = 10
  clock.advance(2_000)
  expect(await fill(changes, 6, 4)).toEqual(Array.from({ length: 4 }, () => 'accepted'))
  expect(sink.storedBytes).toBeLessThanOrEqual(before)
  expect(valuesIn(changes)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  expect(inventory.untold()).toMatchObject({ rows: 4 })
})

// Mutants tried and caught: dropping that is counted after the removal; `gone` segments kept at a start; rows of a reader's
// past counted as dropped.
test('whatever comes, goes, fails and is dropped: each acknowledged row is uploaded or counted', async () => {
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ add: fc.integer({ min: 1, max: 3 }), isInventory: fc.boolean() }) },
    { weight: 2, arbitrary: fc.record({ upload: fc.integer({ min: 1, max: 4 }), isInventory: fc.boolean() }) },
    { weight: 1, arbitrary: fc.constant('restart' as const) },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      let { changes, inventory, disk } = open(6)
      const taken = { changes: 0, inventory: 0 }
      const uploaded = { changes: 0, inventory: 0 }
      let value = 0
      for (const one of steps) {
        if (one === 'restart')
          ({ changes, inventory, disk } = open(
            6,
            {},
            disk.cutPower(() => 0.4),
          ))
        else if ('add' in one) {
          const stream = one.isInventory ? inventory : changes
          for (const kind of await fill(stream, value, one.add))
            if (kind === 'accepted') taken[one.isInventory ? 'inventory' : 'changes'] += 1
          value += one.add
        } else {
          const reader = (one.isInventory ? inventory : changes).reader('r')
          const batch = reader.nextBatch({ rowsMax: one.upload, bytesMax: 100_000 })
          if (batch) reader.finish(batch)
          uploaded[one.isInventory ? 'inventory' : 'changes'] += batch?.rows.length ?? 0
        }
      }
      for (const [stream, name] of [
        [changes, 'changes'],
        [inventory, 'inventory'],
      ] as const) {
        const tally = stream.untold()
        expect(taken[name]).toBe(uploaded[name] + valuesIn(stream).length + (tally?.rows ?? 0))
      }
    }),
    { numRuns: 150 },
  )
})
