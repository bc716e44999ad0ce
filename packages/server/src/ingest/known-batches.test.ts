import { expect, test } from 'vitest'

import { BATCHES_MAX, HEARTBEATS_MAX, KnownBatches, textNumber } from './known-batches.ts'

test('a month of a batch is known by itself, and the whole batch only when it is said', () => {
  const known = new KnownBatches()
  const of = { table: 'ConfigurationChange', sender: 1, batch: textNumber('a') } as const
  known.add(of, 202_601)
  expect([known.has(of, 202_601), known.has(of, 202_602), known.hasWhole(of)]).toEqual([true, false, false])
  known.addWhole(of)
  expect(known.hasWhole(of)).toBe(true)
  for (const other of [
    { ...of, sender: 2 },
    { ...of, batch: 2 },
    { ...of, table: 'Heartbeat' as const },
  ])
    expect(known.hasWhole(other)).toBe(false)
})

test.each([
  ['ConfigurationData', BATCHES_MAX],
  ['Heartbeat', HEARTBEATS_MAX],
] as const)('of %s the last %i of each sender are remembered, whatever others send', (table, countMax) => {
  const known = new KnownBatches()
  known.addWhole({ table, sender: 1, batch: 0 })
  for (let batch = 1; batch <= countMax * 2; batch += 1) known.addWhole({ table, sender: 2, batch })
  expect(known.hasWhole({ table, sender: 1, batch: 0 })).toBe(true)
  expect(known.hasWhole({ table, sender: 2, batch: countMax })).toBe(false)
  expect(known.hasWhole({ table, sender: 2, batch: countMax + 1 })).toBe(true)
})

test('numbers of texts are exact in JSON, and differ', () => {
  const numbers = Array.from({ length: 1_000 }, (_, index) => textNumber(`${index}`))
  expect(numbers.every((number) => Number.isSafeInteger(number) && number < 2 ** 52)).toBe(true)
  expect(new Set(numbers).size).toBe(1_000)
})
