import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { ManualClock } from '@tidemark/base/testing'
import { machineIdentity } from '@tidemark/model'
import { afterEach, beforeEach, expect, test } from 'vitest'

import type { Collection, Gap, Item } from '../collector.ts'
import { parseTracking, type Tracking } from '../config/tracking.ts'
import { State } from '../state/state.ts'
import { look, type LookResult } from './look.ts'
import { HIDDEN_MAX } from './told-gaps.ts'

let folder = ''
let state: State
let clock: ManualClock
let world: Partial<Collection>
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-look-'))
  state = State.open(join(folder, 'db'), 0)
  clock = new ManualClock()
  world = {}
})
afterEach(() => {
  state[Symbol.dispose]()
  rmSync(folder, { recursive: true, force: true })
})

const item = (version: string): Item => ({ columns: { CurrentVersion: version }, coveredBy: ['all'] })
const items = (versions: Readonly<Record<string, string>>): ReadonlyMap<string, Item> =>
  new Map(Object.entries(versions).map(([key, version]) => [key, item(version)]))
const gap = (key: string): Gap => ({ reason: 'unreadable', subject: key, detail: `${key} cannot be looked at`, key })

function tracked(ids: readonly string[]): Tracking {
  const extensionConfigurations = ids.map((id) => ({
    id,
    extensionSettings: { inventorySettings: { inventoryCollectionFrequency: 1_000 } },
    outputStreams: { CONFIG_CHANGE_BLOB_V2: `${id}-changes`, CONFIG_DATA_BLOB_V2: `${id}-inventory` },
  }))
  const TaggedData = JSON.stringify({ extensionName: 'x', extensionConfigurations })
  const answer = { Request: 'x', RequestId: '', Version: '1', Success: true, Description: '', TaggedData }
  const parsed = parseTracking(JSON.stringify(answer))
  if (parsed.kind === 'rejected') throw new Error(JSON.stringify(parsed.problems))
  return parsed.value
}

async function run(tracking = tracked(['one']), coverage = ['all']): Promise<LookResult> {
  return await look(
    {
      collector: {
        type: 'Software',
        coverage: () => coverage,
        collect: async () =>
          await Promise.resolve({ items: new Map<string, Item>(), gaps: [], isComplete: true, ...world }),
        change: (previous, current) =>
          previous?.columns.CurrentVersion === current?.columns.CurrentVersion
            ? undefined
            : { ChangeCategory: previous === undefined ? 'Added' : current === undefined ? 'Removed' : 'Modified' },
      },
      tracking,
      rules: tracking.rules,
      state,
      machine: machineIdentity({ hostName: 'here' }),
      clock,
    },
    new AbortController().signal,
  )
}

/** What the look put into the outbox, short; the outbox is empty afterwards. */
function told(): string[] {
  const entries = state.waiting({ countMax: 1e6, bytesMax: 1e9 })
  state.handedOver(entries.map(({ key }) => key))
  return entries.flatMap(({ stream, rows }) =>
    rows.map(({ ChangeCategory, Reason, CurrentVersion }) =>
      [stream, ChangeCategory ?? Reason ?? CurrentVersion].join(' '),
    ),
  )
}

test('inventory is due at first, after a change, and when its time has come', async () => {
  world = { items: items({ a: '1' }) }
  await run()
  expect(told()).toEqual(['one-changes baseline-started', 'one-inventory 1'])
  clock.advance(10_000)
  expect(await run()).toMatchObject({ changeCount: 0, isInventorySent: false })
  expect(told()).toEqual([])
  world = { items: items({ a: '2' }) }
  await run()
  expect(told()).toEqual(['one-changes Modified', 'one-inventory 2'])
  clock.advance(999_000)
  await run()
  expect(told()).toEqual([])
  clock.advance(1_000)
  await run()
  expect(told()).toEqual(['one-inventory 2'])
})

test('a look that found nothing out compares nothing and tells why, once', async () => {
  world = { items: items({ a: '1' }) }
  await run()
  told()
  world = { isComplete: false, gaps: [{ reason: 'source-damaged', subject: 'dpkg', detail: 'the database is cut' }] }
  expect((await run()).items.size).toBe(1)
  await run()
  expect(told()).toEqual(['one-changes source-damaged'])
  world = { items: items({ a: '2' }) }
  await run()
  expect(told()).toEqual(['one-changes Modified', 'one-inventory 2'])
  world = { isComplete: false, gaps: [{ reason: 'source-damaged', subject: 'dpkg', detail: 'the database is cut' }] }
  await run()
  expect(told()).toEqual(['one-changes source-damaged'])
})

test('a part that could not be seen stays as it is, and all others are compared', async () => {
  const covered = (versions: Readonly<Record<string, string>>): ReadonlyMap<string, Item> =>
    new Map(Object.entries(versions).map(([key, version]) => [key, { ...item(version), coveredBy: [key.slice(0, 1)] }]))
  const coverage = ['a', 'b']
  const unseen = new Set(['b'])
  const gaps: Gap[] = [{ reason: 'source-damaged', subject: 'b', detail: 'b is damaged' }]
  // Never seen yet: what it has is a baseline when it is seen at last.
  world = { items: covered({ a1: '1' }), unseen, gaps }
  await run(undefined, coverage)
  world = { items: covered({ a1: '1', b1: '1' }) }
  await run(undefined, coverage)
  expect(told().filter((text) => text.startsWith('one-changes'))).toEqual([
    'one-changes source-damaged',
    'one-changes baseline-started',
    'one-changes baseline-started',
  ])
  world = { items: covered({ a1: '2' }), unseen, gaps }
  expect([...(await run(undefined, coverage)).items.keys()].sort()).toEqual(['a1', 'b1'])
  expect(told()).toEqual(['one-changes source-damaged', 'one-changes Modified', 'one-inventory 2', 'one-inventory 1'])
  // Seen before, so that what came meanwhile is told.
  world = { items: covered({ a1: '2', b1: '2', b2: '1' }) }
  await run(undefined, coverage)
  expect(told().slice(0, 2)).toEqual(['one-changes Modified', 'one-changes Added'])
})

test('what turns up where nothing could be seen is a baseline, also after a restart; what was known is compared', async () => {
  world = { items: items({ '/d/known': '1', '/e': '1' }) }
  await run()
  world = { items: items({ '/e': '1' }), gaps: [gap('/d')] }
  await run()
  told()
  state[Symbol.dispose]()
  state = State.open(join(folder, 'db'), 0)
  world = { items: items({ '/d/known': '2', '/d/new': '1', '/e': '1', '/f': '1' }) }
  await run()
  expect(told().filter((text) => text.startsWith('one-changes'))).toEqual([
    'one-changes baseline-started',
    'one-changes Modified',
    'one-changes Added',
  ])
})

test('more hidden keys than are remembered count as added when they are seen', async () => {
  const names = Array.from({ length: HIDDEN_MAX + 2 }, (_, number) => `/${String(number).padStart(6, '0')}`)
  world = { gaps: names.map(gap) }
  await run()
  told()
  world = { items: items(Object.fromEntries(names.map((name) => [name, '1']))) }
  expect((await run()).changeCount).toBe(2)
})

test('a row goes to the first rule only, and names all of them', async () => {
  world = { items: items({ a: '1' }) }
  await run(tracked(['two', 'one']))
  const entries = state.waiting({ countMax: 100, bytesMax: 1e9 })
  expect(entries.map(({ stream }) => stream)).toEqual(['one-changes', 'one-inventory'])
  expect(entries[1]?.rows[0]).toMatchObject({
    RuleNames: '["one","two"]',
    ConfigDataType: 'Software',
    Computer: 'here',
  })
})

test('every row has the next number of its epoch', async () => {
  world = { items: items({ a: '1', b: '1' }) }
  await run()
  world = { items: items({ b: '2' }) }
  await run()
  const rows = state.waiting({ countMax: 100, bytesMax: 1e9 }).flatMap((entry) => entry.rows)
  expect(rows.map(({ Sequence }) => Sequence)).toEqual([1, 2, 3, 4, 5, 6])
  expect(new Set(rows.map(({ BaselineEpoch }) => BaselineEpoch))).toEqual(new Set([state.epoch]))
})

test('a look that is stopped keeps nothing', async () => {
  world = { items: items({ a: '1' }) }
  const stop = new AbortController()
  const tracking = tracked(['one'])
  const collector = {
    type: 'Software' as const,
    coverage: () => ['all'],
    collect: async () => {
      stop.abort(new Error('stopped'))
      return await Promise.resolve({ items: items({ a: '1' }), gaps: [], isComplete: true })
    },
    change: () => undefined,
  }
  const machine = machineIdentity({ hostName: 'here' })
  const options = { collector, tracking, rules: tracking.rules, state, machine, clock }
  await expect(look(options, stop.signal)).rejects.toThrow('stopped')
  expect([state.items('Software').size, state.outboxCount]).toEqual([0, 0])
})
