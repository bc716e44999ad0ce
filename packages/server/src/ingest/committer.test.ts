// Goal: each batch is stored once, whatever dies in between, and numbers of rows never lie. Method: a store that keeps
// months of groups as parts, as MergeTree does, and dies as told: before, in the middle (some parts are kept) or after,
// without saying so. Mutants that this found: no memory of months (loses the rest of a batch), no question after an
// uncertain end (counts twice), numbers given anew after a failure (two rows with one number).
import { newUuid } from '@tidemark/base'
import fc from 'fast-check'
import { pino } from 'pino'
import { expect, test } from 'vitest'

import { type ArrivedBatch, StoreUnavailable } from '../ports.ts'
import { batchCells, batchLines } from '../testing/batch-lines.ts'
import { type Death, PartStore } from '../testing/part-store.ts'
import { Committer } from './committer.ts'

const log = pino({ level: 'silent' })

const batchOf = (names: readonly (readonly [string, number])[], batchId = newUuid(), owner = 'm'): ArrivedBatch => {
  const rows = names.map(([name, month]) => ({ cells: { name, month }, month }))
  return { table: 'ConfigurationChange', owner, batchId, ...batchLines(rows) }
}

test('batches of many requests are stored together, and each is answered', async () => {
  const store = new PartStore()
  const committer = await Committer.open(store, log)
  const batches = Array.from({ length: 50 }, (_, index) => batchOf([[`row-${index}`, 202_601]]))
  await Promise.all(batches.map(async (batch) => await committer.commit(batch)))
  expect(store.groups).toEqual([50])
  expect(store.rows.map(({ arrival }) => arrival)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1))
})

test('a batch that comes again, at once or later, is stored once; another sender may have the same id', async () => {
  const store = new PartStore()
  const committer = await Committer.open(store, log)
  const batch = batchOf([['a', 202_601]])
  await Promise.all([committer.commit(batch), committer.commit(batch)])
  await committer.commit(batch)
  await committer.commit({ ...batch, owner: 'other' })
  await committer.commit(batchOf([]))
  expect(store.rows.length).toBe(2)
})

test('a batch that the store will never take is refused alone', async () => {
  const store = new PartStore()
  const committer = await Committer.open(store, log)
  const batches = [batchOf([['a', 202_601]]), batchOf([['bad', 202_601]]), batchOf([['b', 202_601]])]
  const ends = await Promise.allSettled(batches.map(async (batch) => await committer.commit(batch)))
  expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(store.rows.map(({ cells }) => cells['name'])).toEqual(['a', 'b'])
})

test('while nobody knows what the store has, nothing is stored', async () => {
  const store = new PartStore()
  const committer = await Committer.open(store, log)
  store.deaths = ['after']
  const batch = batchOf([['a', 202_601]])
  await expect(committer.commit(batch)).rejects.toThrow(StoreUnavailable)
  store.isAway = true
  await expect(committer.commit(batch)).rejects.toThrow(StoreUnavailable)
  store.isAway = false
  await committer.commit(batch)
  expect(store.rows.length).toBe(1)
})

test('over any deaths and restarts: each row once, and numbers that are each used once', async () => {
  const death = fc.constantFrom<Death>('none', 'none', 'before', 'middle', 'after')
  const batch = fc.array(fc.constantFrom(202_512, 202_601, 202_602), { minLength: 1, maxLength: 6 })
  const life = fc.record({
    batches: fc.array(batch, { minLength: 1, maxLength: 5 }),
    deaths: fc.array(death, { maxLength: 6 }),
    isRestarted: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(life, { minLength: 1, maxLength: 6 }), async (lives) => {
      const store = new PartStore()
      let committer = await Committer.open(store, log)
      const expected: string[] = []
      for (const { batches, deaths, isRestarted } of lives) {
        store.deaths = [...deaths]
        const sent = batches.map((months) => batchOf(months.map((month) => [newUuid(), month] as const)))
        expected.push(...sent.flatMap((one) => batchCells(one).map(({ name }) => String(name))))
        const first = await Promise.allSettled(sent.map(async (one) => await committer.commit(one)))
        if (isRestarted) committer = await Committer.open(store, log)
        for (const [index, one] of sent.entries()) {
          // Senders repeat until they are answered, and some even afterwards: the answer was lost.
          for (let tries = 0; tries < 20; tries += 1) {
            const end = await committer.commit(one).then(
              () => 'stored',
              () => 'again',
            )
            if (end === 'stored') break
          }
          if (first[index]?.status === 'fulfilled') await committer.commit(one)
        }
      }
      expect(store.rows.map(({ cells }) => cells['name']).sort()).toEqual(expected.sort())
      const numbers = store.rows.map(({ arrival }) => arrival)
      expect(new Set(numbers).size).toBe(numbers.length)
      // Whoever has seen a number has seen all that will ever be below it, over restarts too.
      const { spans } = store
      expect(spans.every(([first], index) => first > (spans[index - 1]?.[1] ?? 0))).toBe(true)
    }),
    { numRuns: 300 },
  )
})
