import { setImmediate as turn } from 'node:timers/promises'

import { expect, test } from 'vitest'

import { ItemCounts } from './item-counts.ts'

/** A store whose statements wait until they are let go; `counted` grows with each counting. */
function slowStore() {
  let open = (): void => undefined
  let gate = Promise.resolve()
  const told = { counted: 0 }
  const run = async (sql: string): Promise<void> => {
    if (!sql.startsWith('INSERT')) return
    await gate
    told.counted += 1
  }
  const hold = (): void => {
    const { promise, resolve } = Promise.withResolvers<void>()
    ;[gate, open] = [promise, resolve]
  }
  return { told, run, hold, letGo: () => open() }
}

test('a question waits for a counting that has begun, for until its end the old counts stand', async () => {
  const store = slowStore()
  const items = new ItemCounts(store.run)
  store.hold()
  const first = items.broughtUp()
  await turn()
  let isAnswered = false
  const second = items.broughtUp().then(() => (isAnswered = true))
  await turn()
  expect(isAnswered).toBe(false)
  store.letGo()
  await Promise.all([first, second])
  expect(store.told.counted).toBe(1)
})

test('what arrives while it is counted is counted before the next answer', async () => {
  const store = slowStore()
  const items = new ItemCounts(store.run)
  store.hold()
  const first = items.broughtUp()
  await turn()
  items.changed()
  const second = items.broughtUp()
  store.letGo()
  await Promise.all([first, second])
  expect(store.told.counted).toBe(2)
  await items.broughtUp()
  expect(store.told.counted).toBe(2)
})
