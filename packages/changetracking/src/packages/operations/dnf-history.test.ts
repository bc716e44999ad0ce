import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { ManualClock } from '@tidemark/base/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { openLogFiles } from '../../host/package-logs.ts'
import { dnfHistory } from './dnf-history.ts'
import { OperationLog } from './operation-log.ts'
import { parseOperationMemory } from './operation-memory.ts'

let root = ''
let clock: ManualClock
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tidemark-dnf-'))
  clock = new ManualClock(10_000_000)
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function database(path: string, ...statements: readonly string[]): DatabaseSync {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  const made = new DatabaseSync(join(root, path))
  for (const statement of statements) made.exec(statement)
  return made
}

const dnf4 = (): DatabaseSync =>
  database(
    'var/lib/dnf/history.sqlite',
    'CREATE TABLE trans (id INTEGER PRIMARY KEY AUTOINCREMENT, dt_begin INTEGER, dt_end INTEGER, releasever TEXT, user_id INTEGER, cmdline TEXT, state INTEGER)',
    'CREATE TABLE trans_item (id INTEGER PRIMARY KEY, trans_id INTEGER, item_id INTEGER, action INTEGER)',
    'CREATE TABLE rpm (item_id INTEGER, name TEXT, epoch INTEGER, version TEXT, release TEXT, arch TEXT)',
    "INSERT INTO rpm VALUES (1, 'quay', 0, '1', '1', 'x86_64'), (2, 'quay', 0, '2', '1', 'x86_64'), (3, 'buoy', 1, '1', '1', 'noarch'), (4, 'wreck', 0, '3', '1', 'noarch')",
  )
const dnf5 = (): DatabaseSync =>
  database(
    'usr/lib/sysimage/libdnf5/transaction_history.sqlite',
    'CREATE TABLE trans (id INTEGER PRIMARY KEY AUTOINCREMENT, dt_begin INTEGER, dt_end INTEGER, user_id INTEGER, description TEXT, comment TEXT, state_id INTEGER)',
    'CREATE TABLE trans_item (id INTEGER PRIMARY KEY, trans_id INTEGER, item_id INTEGER, action_id INTEGER)',
    'CREATE TABLE pkg_names (id INTEGER PRIMARY KEY, name TEXT); CREATE TABLE archs (id INTEGER PRIMARY KEY, name TEXT)',
    'CREATE TABLE rpm (item_id INTEGER, name_id INTEGER, epoch TEXT, version TEXT, release TEXT, arch_id INTEGER)',
    "INSERT INTO pkg_names VALUES (1, 'quay'), (2, 'buoy'), (3, 'wreck'); INSERT INTO archs VALUES (1, 'x86_64'), (2, 'noarch')",
    "INSERT INTO rpm VALUES (1, 1, '0', '1', '1', 1), (2, 1, '0', '2', '1', 1), (3, 2, '1', '1', '1', 2), (4, 3, '0', '3', '1', 2)",
  )

const opened = (memory: string): OperationLog => {
  const files = openLogFiles(root)
  const users = (): Map<number, string> => new Map([[1000, 'ann']])
  const readers = [dnfHistory({ files, place: (path) => join(root, path), clock, users })]
  return new OperationLog({ files, readers, clock, memory: parseOperationMemory(memory) })
}

/** What is told now, and remembered as told. */
function tell(log: OperationLog) {
  log.refresh()
  const told = log.untold()
  const memory = log.after(told)
  log.remember(memory)
  return { told, memory: JSON.stringify(memory) }
}

describe.each([
  { name: 'dnf 4', make: dnf4, actions: [7, 6, 1, 5], ok: 1, error: 2 },
  { name: 'dnf 5', make: dnf5, actions: [6, 2, 1, 6], ok: 2, error: 3 },
])('$name', ({ make, actions, ok, error }) => {
  const text = make === dnf4 ? 'cmdline' : 'description'
  const state = make === dnf4 ? 'state' : 'state_id'
  const insert = (made: DatabaseSync, id: number, words: string, end: number | null, endState: number): void =>
    made.exec(
      `INSERT INTO trans (id, dt_begin, dt_end, user_id, ${text}, ${state}) VALUES (${id}, ${id * 1_000}, ${end}, 1000, '${words}', ${endState})`,
    )

  test('a transaction is an operation: what went, what came, who asked', () => {
    const made = make()
    insert(made, 1, 'dnf install old', 1_001, ok)
    const first = tell(opened('{}'))
    expect(first.told).toEqual([])
    insert(made, 2, 'dnf upgrade --password=x', 2_005, ok)
    for (const [index, action] of actions.entries())
      made.exec(`INSERT INTO trans_item VALUES (${index + 1}, 2, ${index + 1}, ${action})`)
    const { told, memory } = tell(opened(first.memory))
    expect(told).toEqual([
      {
        id: expect.stringMatching(/^dnf-19700101T003320-[0-9a-f]{8}$/),
        source: 'dnf',
        startMs: 2_000_000,
        endMs: 2_005_000,
        commandLine: 'dnf upgrade --password=[redacted]',
        requestedBy: 'ann',
        requestedById: 1000,
        outcome: 'completed',
        outcomeDetail: '',
        packages: [
          { name: 'quay', architecture: 'x86_64', action: 'upgrade', from: '0:1-1', to: '0:2-1' },
          { name: 'buoy', architecture: 'noarch', action: 'install', to: '1:1-1' },
          { name: 'wreck', architecture: 'noarch', action: 'obsolete', from: '0:3-1' },
        ],
      },
    ])
    expect(tell(opened(memory)).told).toEqual([])
    made.close()
  })

  test('one that failed, one that has no end, each once', () => {
    const made = make()
    const before = tell(opened('{}')).memory
    insert(made, 1, 'dnf remove quay', 1_001, error)
    insert(made, 2, 'dnf install buoy', null, make === dnf4 ? 0 : 1)
    const log = opened(before)
    expect(tell(log).told.map(({ outcome }) => outcome)).toEqual(['failed', 'interrupted'])
    insert(made, 9_990, 'dnf install young', null, make === dnf4 ? 0 : 1)
    expect(tell(log).told).toEqual([])
    expect(log.recent.at(-1)).toMatchObject({ commandLine: 'dnf install young', outcome: undefined })
    made.exec(`UPDATE trans SET dt_end = 9995, ${state} = ${ok} WHERE id = 9990`)
    expect(tell(log).told.map(({ outcome }) => outcome)).toEqual(['completed'])
    made.close()
  })

  test('a history that is another one: what is newer is new', () => {
    let made = make()
    insert(made, 1, 'dnf install one', 1_001, ok)
    const { memory } = tell(opened('{}'))
    made.close()
    rmSync(join(root, make === dnf4 ? 'var' : 'usr'), { recursive: true })
    made = make()
    made.exec(
      `INSERT INTO trans (id, dt_begin, dt_end, user_id, ${text}, ${state}) VALUES (1, 500, 501, 0, 'older', ${ok}), (2, 5000, 5001, 0, 'newer', ${ok})`,
    )
    expect(tell(opened(memory)).told.map(({ commandLine }) => commandLine)).toEqual(['newer'])
    made.close()
  })
})

test('a history that is damaged is said', () => {
  const made = database('var/lib/dnf/history.sqlite', 'CREATE TABLE other (id INTEGER)')
  made.close()
  const log = opened('{}')
  log.refresh()
  expect(log.troubles).toMatchObject([{ subject: 'operations of dnf' }])
})
