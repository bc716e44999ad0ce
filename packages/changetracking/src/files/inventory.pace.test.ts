import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { ManualClock } from '@tidemark/base/testing'
import { machineIdentity } from '@tidemark/model'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { trackingOf } from '../config/tracking.ts'
import { CHUNK_ROWS_MAX } from '../rows/chunks.ts'
import { State } from '../state/state.ts'
import { INVENTORY_ROWS_PER_SECOND, isFilesInventoryDue, sendFilesInventory } from './inventory.ts'
import { encodeRecord } from './scan/record.ts'
import { STAMP_BYTES } from './scan/stamp.ts'

let folder = ''
let state: State
const clock = new ManualClock()
const tracking = trackingOf([
  {
    id: 'dcr-1',
    originIds: [],
    extensionSettings: {
      inventorySettings: { inventoryCollectionFrequency: 1_000_000 },
      fileSettings: { fileInfo: [{ name: 'all', destinationPath: '/t/*', type: '*' }] },
    },
    outputStreams: { CONFIG_DATA_BLOB_V2: 'inventory' },
  },
])
const machine = machineIdentity({ hostName: 'here' })

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-inventory-'))
  state = State.open(join(folder, 'db'), 0)
})
afterEach(() => {
  state[Symbol.dispose]()
  rmSync(folder, { recursive: true, force: true })
})

function know(count: number): void {
  const stamp = Buffer.alloc(STAMP_BYTES)
  const files = Array.from({ length: count }, (_, index) => {
    const path = `/t/${String(index).padStart(6, '0')}`
    return { path, stamp, value: encodeRecord(path, stamp, { checksum: '', owner: 'root', group: 'root' }) }
  })
  state.apply({ type: 'Files', files, outbox: [], sequence: 0, memory: state.memory('Files') })
}

const isDue = (): boolean => isFilesInventoryDue({ state, tracking, clock })

/** Sends all of it; each pause between two parts takes a moment. */
async function send(): Promise<void> {
  const { signal } = new AbortController()
  await sendFilesInventory({ state, tracking, machine, clock, signal, onRows: () => clock.advance(7) })
}

/** A file changed. */
function change(): void {
  const memory = { ...state.memory('Files'), isInventoryDue: true }
  state.apply({ type: 'Files', memory, outbox: [], sequence: state.sequence })
}

test('an inventory of several parts has each file once, and one time', async () => {
  know(2 * CHUNK_ROWS_MAX + 500)
  await send()
  const rows = state.waiting({ countMax: 100, bytesMax: Infinity }).flatMap((entry) => entry.rows)
  expect(new Set(rows.map((row) => row['FileSystemPath'])).size).toBe(rows.length)
  expect(rows).toHaveLength(2 * CHUNK_ROWS_MAX + 500)
  expect(new Set(rows.map((row) => row['TimeGenerated'])).size).toBe(1)
  expect(isDue()).toBe(false)
})

test('changes ask for the next one, the later the more files there are', async () => {
  know(3_000)
  await send()
  change()
  const restMs = (3_000 / INVENTORY_ROWS_PER_SECOND) * 1_000
  clock.advance(restMs - 1_000)
  expect(isDue()).toBe(false)
  clock.advance(1_001)
  expect(isDue()).toBe(true)
  await send()
  expect(isDue()).toBe(false)
})
