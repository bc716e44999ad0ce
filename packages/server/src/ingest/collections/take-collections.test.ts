// Goal: the difference between whole collections is told once, whatever fails in between. Method: a real metadata file and
// a store of rows that fails as told, against sets. Mutants: a difference to the pending collection; a batch that is
// forgotten when its rows failed; the last collection replaced before its rows are stored.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { SqliteMetadata } from '../../metadata/sqlite-metadata.ts'
import type { ArrivedRow } from '../coercion.ts'
import { parseCollections } from './collection.ts'
import { KnownCollections } from './known-collections.ts'
import { CollectionTaker } from './take-collections.ts'

let folder = ''
let metadata: SqliteMetadata
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-collections-'))
  metadata = new SqliteMetadata(join(folder, 'metadata.db'))
})
afterEach(async () => {
  await metadata[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

const at = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString()

function packages(minute: number, versions: Readonly<Record<string, string>>) {
  const things = Object.entries(versions).map(([name, version]) => ({
    CollectionName: name,
    Name: name,
    CurrentVersion: version,
    Timestamp: '1970-01-01T00:00:00.000Z',
  }))
  const item = { Timestamp: at(minute), Computer: 'old', ConfigChangeType: 'Software.Packages', Collections: things }
  const parsed = parseCollections([item])
  return parsed.kind === 'parsed' ? parsed.value : []
}

/** Rows by batch and table, once each; fails as often as told. */
function rowsKept() {
  const kept = new Map<string, readonly ArrivedRow[]>()
  let failures = 0
  return {
    kept,
    failNext: (count: number) => void (failures = count),
    store: async (batchId: string, table: string, rows: readonly ArrivedRow[]) => {
      await Promise.resolve()
      if (failures > 0) {
        failures -= 1
        throw new Error('away')
      }
      const key = `${batchId} ${table}`
      if (!kept.has(key)) kept.set(key, rows)
    },
    changes: () =>
      [...kept].flatMap(([key, rows]) =>
        key.endsWith('ConfigurationChange')
          ? rows.map(
              ({ ChangeCategory: category, SoftwareName: name, Previous: previous = '', Current: current = '' }) =>
                [category, name, `${previous as string}>${current as string}`].join(' '),
            )
          : [],
      ),
  }
}

test('what came, went and changed is told; the first collection is where tracking starts', async () => {
  const taker = new CollectionTaker(new KnownCollections(metadata))
  const { store, changes, kept } = rowsKept()
  const from = (batchId: string) => ({ resourceId: '/M', batchId })
  await taker.take(packages(0, { a: '1', b: '1' }), from('one'), store)
  expect(changes()).toEqual([])
  await taker.take(packages(1, { a: '2', c: '1' }), from('two'), store)
  await taker.take(packages(1, { a: '2', c: '1' }), from('two'), store)
  expect(changes()).toEqual(['Removed b 1>', 'Modified a 1>2', 'Added c >1'])
  // Two collections of the same things, and one that is older than what is known.
  await taker.take(packages(2, { a: '2', c: '1' }), from('three'), store)
  await taker.take(packages(0, { a: '1' }), from('late'), store)
  expect(changes().length).toBe(3)
  expect(kept.get('two-0 ConfigurationData')).toMatchObject([
    { ConfigDataType: 'Software', SoftwareName: 'a', CurrentVersion: '2', SoftwareType: 'Package', Computer: 'old' },
    { SoftwareName: 'c' },
  ])
})

test('over any failures each difference is told once, after a restart too', async () => {
  const versions = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('1', '2'))
  const step = fc.record({ versions, failures: fc.nat(3), isRestarted: fc.boolean(), isAbandoned: fc.boolean() })
  let run = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
      run += 1
      const rows = rowsKept()
      let taker = new CollectionTaker(new KnownCollections(metadata))
      let state: Readonly<Record<string, string>> | undefined
      const expected: string[] = []
      for (const [minute, { versions: next, failures, isRestarted, isAbandoned }] of steps.entries()) {
        rows.failNext(failures)
        const from = { resourceId: `/M-${run}`, batchId: `batch-${minute}` }
        const take = async () => await taker.take(packages(minute, next), from, rows.store)
        for (let tries = 0; tries < 8; tries += 1) {
          const isTaken = await take().then(
            () => true,
            () => false,
          )
          if (isRestarted) taker = new CollectionTaker(new KnownCollections(metadata))
          // A sender may give a batch up: what was begun is finished when the next one comes.
          if (isTaken || (isAbandoned && minute < steps.length - 1)) break
        }
        // A batch that was given up before the one ahead of it was finished was never begun.
        const { last, pending } = await new KnownCollections(metadata).get(from.resourceId, 'Software')
        if (![last?.batchId, pending?.batchId].includes(`${from.batchId}-0`)) continue
        if (state !== undefined) {
          const names = [...new Set([...Object.keys(state), ...Object.keys(next)])]
          for (const name of names)
            if (state[name] !== next[name])
              expected.push(
                `${state[name] === undefined ? 'Added' : next[name] === undefined ? 'Removed' : 'Modified'} ${name} ${state[name] ?? ''}>${next[name] ?? ''}`,
              )
        }
        state = next
      }
      expect(rows.changes().sort()).toEqual(expected.sort())
    }),
  )
})

test.each([
  [
    'Daemons',
    { CollectionName: 'ssh', Name: 'ssh', State: 'Running', Enabled: 'true', Runlevels: '2' },
    { CollectionName: 'ssh', Name: 'ssh', State: 'Dead', Enabled: 'false', Runlevels: '2' },
    {
      SvcName: 'ssh',
      SvcState: 'Dead',
      SvcPreviousState: 'Running',
      SvcStartupType: 'Disabled',
      SvcPreviousStartupType: 'Enabled',
      FieldsChanged: 'SvcState, SvcStartupType',
    },
  ],
  [
    'Files',
    { CollectionName: '/etc/a', FileSystemPath: '/etc/a', FileContentChecksum: 'x', Size: '1', Mode: '644' },
    { CollectionName: '/etc/a', FileSystemPath: '/etc/a', FileContentChecksum: 'y', Size: '2', Mode: '644' },
    {
      FileSystemPath: '/etc/a',
      FileContentChecksum: 'y',
      PreviousFileContentChecksum: 'x',
      Size: '2',
      PreviousSize: '1',
      FileMode: '644',
      FieldsChanged: 'FileContentChecksum, Size',
    },
  ],
] as const)('%s keep their values before and after', async (type, before, after, expected) => {
  const taker = new CollectionTaker(new KnownCollections(metadata))
  const { store, kept } = rowsKept()
  for (const [minute, thing] of [before, after].entries()) {
    const parsed = parseCollections([
      { Timestamp: at(minute), Computer: 'old', ConfigChangeType: type, Collections: [thing] },
    ])
    expect(parsed.kind).toBe('parsed')
    if (parsed.kind === 'parsed') await taker.take(parsed.value, { resourceId: '/M', batchId: `${minute}` }, store)
  }
  expect(kept.get('1-0 ConfigurationChange')).toMatchObject([
    { ...expected, ConfigChangeType: type, ChangeCategory: 'Modified' },
  ])
})

test('whatever comes is understood or refused with its place', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => void parseCollections(value)))
  expect(parseCollections([{ ConfigChangeType: 'Registry' }])).toMatchObject({
    problems: [{ where: 'DataItems[0].ConfigChangeType' }],
  })
})
