import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { systemClock } from '@tidemark/base'
import { changeTrackingPlaces } from '@tidemark/model'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { writeFilesReport } from '../report/files-report.ts'
import { CHUNK_ROWS_MAX } from '../rows/chunks.ts'
import { TrackedMachine } from '../testing/tracked-machine.ts'
import { INVENTORY_OUTBOX_BYTES_MAX, isFilesInventoryDue, sendFilesInventory } from './inventory.ts'

const COUNT = 2 * CHUNK_ROWS_MAX + 10
let folder = ''
let machine: TrackedMachine
beforeEach(() => {
  folder = mkdtempSync(join('/dev/shm', 'tidemark-inventory-'))
  for (let index = 0; index < COUNT; index += 1) writeFileSync(join(folder, String(index)), '')
  machine = new TrackedMachine().entries({ destinationPath: `${folder}/*` })
  machine.look()
})
afterEach(() => {
  machine[Symbol.dispose]()
  rmSync(folder, { recursive: true, force: true })
})

const identity = { computer: 'c', sourceComputerId: 's', vmUuid: 'v' }
async function send(onRows: () => void = () => undefined, signal = new AbortController().signal): Promise<boolean> {
  const { state, tracking } = machine
  return await sendFilesInventory({ state, tracking, machine: identity, clock: systemClock, signal, onRows })
}
const paths = (): unknown[] => machine.takeOutbox().map((row) => row['FileSystemPath'])

test('every file is told once, and then inventory is due no more', async () => {
  const { state, tracking } = machine
  const isDue = () => isFilesInventoryDue({ state, tracking, clock: systemClock })
  expect(isDue()).toBe(true)
  expect(await send()).toBe(true)
  const told = paths()
  expect([told.length, new Set(told).size, isDue()]).toEqual([COUNT, COUNT, false])
})

test.each([1, 2])('inventory that ends after part %i goes on there, also after a restart', async (parts) => {
  const stop = new AbortController()
  let count = 0
  const stopped = send(() => {
    count += 1
    if (count === parts) stop.abort(new Error('stopped'))
  }, stop.signal)
  await expect(stopped).rejects.toThrow('stopped')
  machine.restart()
  expect(isFilesInventoryDue({ state: machine.state, tracking: machine.tracking, clock: systemClock })).toBe(true)
  await send()
  const told = paths()
  expect([told.length, new Set(told).size]).toEqual([COUNT, COUNT])
})

test('inventory waits while the outbox is full, and goes on where it was when the agent took some', async () => {
  const { state } = machine
  const text = 'x'.repeat(INVENTORY_OUTBOX_BYTES_MAX)
  const fill = (): void =>
    state.apply({
      type: 'Software',
      memory: state.memory('Software'),
      outbox: [{ stream: 's', chunk: 'c', rows: [{ text }] }],
      sequence: state.sequence,
    })
  fill()
  expect(await send()).toBe(false)
  expect(paths()).toEqual([undefined])
  let parts = 0
  expect(
    await send(() => {
      parts += 1
      if (parts === 1) fill()
    }),
  ).toBe(false)
  const first = paths().filter((path) => path !== undefined)
  expect([parts, first.length]).toEqual([1, CHUNK_ROWS_MAX])
  expect(await send()).toBe(true)
  const told = [...first, ...paths()]
  expect([told.length, new Set(told).size]).toEqual([COUNT, COUNT])
})

test('File.json holds the described fields of every file, in order', async () => {
  const root = mkdtempSync('/dev/shm/tidemark-root-')
  using known = machine.state.knownFiles()
  await writeFilesReport(changeTrackingPlaces(root), known, async () => await Promise.resolve())
  const report: Readonly<Record<string, unknown>>[] = JSON.parse(
    readFileSync(changeTrackingPlaces(root).filesJson, 'utf8'),
  )
  rmSync(root, { recursive: true })
  expect(report).toHaveLength(COUNT)
  expect(Object.keys(report[0] ?? {}).sort()).toEqual(
    [
      'ChangeType',
      'CollectionName',
      'Contents',
      'DateCreated',
      'DateModified',
      'FileContentBlobLink',
      'FileContentChecksum',
      'FileMetaDatacheckSum',
      'FileSystemPath',
      'Group',
      'IsInventorySnapShot',
      'ItemType',
      'Mode',
      'Name',
      'Owner',
      'Size',
    ].sort(),
  )
  const names = report.map((each) => String(each['FileSystemPath']))
  expect(names).toEqual(names.toSorted())
})
