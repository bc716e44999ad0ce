import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Bolt, openBolt, type Snapshot } from './index.ts'
import type { Bucket } from './bucket.ts'
import { type Line, linesOf } from './judge/lines.ts'
import { Twin } from './judge/twin.ts'
import { MemoryFile } from './memory-file.ts'
import type { Transaction } from './transaction.ts'

// Goal: after any sequence of transactions the database holds what a few maps hold, is sound, and a snapshot taken
// before still shows what it showed then.
// Method: pages of 1 KiB, so that a few hundred keys make three levels; whole ranges are put and deleted at once, so
// that pages split, merge and disappear; values up to three pages; a tiny cache, so that pages are read again.
// Mutants caught here: pages reused one commit too early, while a reader is open, or within the commit that lets them go;
// pages not let go by merging, by inlining, of overflows, of nested buckets, of the freelist; a stale page in the cache;
// a dropped bucket written all the same; an inline bucket with its old root; a cursor that loses its place after a
// change; a branch searched one off. Not caught, and left to layout.test.ts, as values stay right: no merging at all,
// pages cut too late. Equivalent: an empty leaf is merged instead of dropped.

type Step =
  | { kind: 'put'; path: number; key: number; size: number }
  | { kind: 'fill'; path: number; key: number; count: number; size: number }
  | { kind: 'delete'; path: number; key: number }
  | { kind: 'clear'; path: number; key: number; count: number }
  | { kind: 'sweep'; path: number; key: number; every: number }
  | { kind: 'drop'; path: number }
  | { kind: 'sequence'; path: number }
  | { kind: 'look'; path: number; key: number; moves: readonly boolean[] }

const paths = [['a'], ['b'], ['a', 'n'], ['a', 'n', 'm'], ['b', 'k0050'], ['c']] as const
const path = fc.nat(paths.length - 1)
const key = fc.nat(299)
const size = fc.constantFrom(0, 1, 20, 60, 200, 700, 3000)
const count = fc.constantFrom(5, 40, 250)

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), path, key, size }),
  fc.record({ kind: fc.constant('fill' as const), path, key, count, size: fc.constantFrom(0, 8, 60) }),
  fc.record({ kind: fc.constant('delete' as const), path, key }),
  fc.record({ kind: fc.constant('clear' as const), path, key, count }),
  fc.record({ kind: fc.constant('sweep' as const), path, key, every: fc.constantFrom(1, 2, 7) }),
  fc.record({ kind: fc.constant('drop' as const), path }),
  fc.record({ kind: fc.constant('sequence' as const), path }),
  fc.record({ kind: fc.constant('look' as const), path, key, moves: fc.array(fc.boolean(), { maxLength: 8 }) }),
)

const life = fc.record({
  isFreelistStored: fc.boolean(),
  rounds: fc.array(
    fc.record({
      steps: fc.array(step, { maxLength: 8 }),
      end: fc.constantFrom('commit', 'commit', 'commit', 'rollback'),
      then: fc.constantFrom('nothing', 'nothing', 'reopen', 'snapshot', 'release'),
    }),
    { maxLength: 12 },
  ),
})

const keyText = (n: number): string => `k${String(n % 300).padStart(4, '0')}${'x'.repeat(n % 7)}`
const valueOf = (n: number, bytes: number): Uint8Array => new Uint8Array(bytes).fill(n % 251)

test('a database equals its twin after every transaction', () => {
  fc.assert(fc.property(life, live), { numRuns: 150 })
}, 60_000)

function live({ isFreelistStored, rounds }: typeof life extends fc.Arbitrary<infer T> ? T : never): void {
  const file = new MemoryFile()
  let bolt = open(file, isFreelistStored)
  let twin = new Twin()
  let held: { snapshot: Snapshot; lines: Line[] } | undefined
  for (const { steps, end, then } of rounds) {
    const next = twin.copy()
    const failure = new Error('rolled back')
    const run = (): void =>
      bolt.update((transaction) => {
        for (const each of steps) apply(each, transaction, next)
        expect(linesOf(transaction)).toEqual(next.lines())
        if (end === 'rollback') throw failure
      })
    if (end === 'rollback') expect(run).toThrow(failure)
    else run()
    if (end === 'commit') twin = next
    expect(bolt.view(linesOf)).toEqual(twin.lines())
    expect(bolt.view((transaction) => transaction.check())).toEqual([])
    if (held !== undefined) expect(linesOf(held.snapshot.transaction)).toEqual(held.lines)
    if (then === 'release' || then === 'reopen') {
      held?.snapshot[Symbol.dispose]()
      held = undefined
    }
    if (then === 'reopen') {
      bolt.close()
      bolt = open(file, isFreelistStored)
      expect(bolt.view(linesOf)).toEqual(twin.lines())
    }
    if (then === 'snapshot' && held === undefined) held = { snapshot: bolt.snapshot(), lines: twin.lines() }
  }
  bolt.close()
}

function open(file: MemoryFile, freelistSync: boolean): Bolt {
  return openBolt('model.db', { file, freelistSync, pageSize: 1024, cacheBytesMax: 16 * 1024 })
}

function apply(each: Step, transaction: Transaction, root: Twin): void {
  const names = paths[each.path] ?? ['a']
  if (each.kind === 'drop') return drop(transaction, root, names)
  const place = descend(transaction, root, names)
  if (place === undefined) return
  const { bucket, twin } = place
  switch (each.kind) {
    case 'put':
      return putOne(bucket, twin, each.key, each.size)
    case 'fill':
      for (let i = 0; i < each.count; i++) putOne(bucket, twin, each.key + i * 7, each.size)
      return
    case 'delete':
      return deleteOne(bucket, twin, each.key)
    case 'clear':
      for (let i = 0; i < each.count; i++) deleteOne(bucket, twin, each.key + i)
      return
    case 'sweep':
      return sweep(bucket, twin, each)
    case 'sequence':
      twin.sequence += 1
      expect(bucket.nextSequence()).toBe(BigInt(twin.sequence))
      return
    case 'look':
      return look(bucket, twin, each)
  }
}

/** Makes the buckets on the way; undefined where a value is in the way. */
function descend(transaction: Transaction, root: Twin, names: readonly string[]) {
  let twin = root
  let bucket: Bucket | undefined
  for (const name of names) {
    if (twin.values.has(name)) {
      expect(() => (bucket ?? transaction).createBucketIfMissing(name)).toThrow(/is a value/)
      return undefined
    }
    const next = twin.buckets.get(name) ?? new Twin()
    twin.buckets.set(name, next)
    twin = next
    bucket = (bucket ?? transaction).createBucketIfMissing(name)
  }
  return bucket === undefined ? undefined : { bucket, twin }
}

function drop(transaction: Transaction, root: Twin, names: readonly string[]): void {
  const last = names.at(-1) ?? ''
  const outer =
    names.length === 1 ? { bucket: transaction, twin: root } : descend(transaction, root, names.slice(0, -1))
  if (outer === undefined) return
  if (outer.twin.buckets.delete(last)) outer.bucket.deleteBucket(last)
  else expect(() => outer.bucket.deleteBucket(last)).toThrow(/no bucket|is a value/)
}

function putOne(bucket: Bucket, twin: Twin, n: number, bytes: number): void {
  const name = keyText(n)
  if (twin.buckets.has(name)) return expect(() => bucket.put(name, '')).toThrow(/is a bucket/)
  bucket.put(name, valueOf(n, bytes))
  twin.values.set(name, valueOf(n, bytes))
  expect(bucket.get(name)).toEqual(valueOf(n, bytes))
}

function deleteOne(bucket: Bucket, twin: Twin, n: number): void {
  const name = keyText(n)
  if (twin.buckets.has(name)) return expect(() => bucket.delete(name)).toThrow(/is a bucket/)
  expect(bucket.delete(name)).toBe(twin.values.delete(name))
  expect(bucket.get(name)).toBeUndefined()
}

/** Deletes every n-th value from a key on while a cursor walks over them; it must meet each key once. */
function sweep(bucket: Bucket, twin: Twin, { key: from, every }: { key: number; every: number }): void {
  const expected = twin.keys().filter((name) => name >= keyText(from))
  const met: string[] = []
  const cursor = bucket.cursor()
  for (let entry = cursor.seek(keyText(from)); entry !== undefined; entry = cursor.next()) {
    const name = Buffer.from(entry.key).toString()
    met.push(name)
    if (entry.value !== undefined && met.length % every === 0) {
      cursor.delete()
      twin.values.delete(name)
    }
  }
  expect(met).toEqual(expected)
}

/** Seeks, then goes forward (true) and back (false); the twin does it on a sorted list. */
function look(bucket: Bucket, twin: Twin, { key: from, moves }: { key: number; moves: readonly boolean[] }): void {
  const names = twin.keys()
  const cursor = bucket.cursor()
  const found = names.findIndex((name) => name >= keyText(from))
  let at = found === -1 ? names.length : found
  const textOf = (entry: { key: Uint8Array } | undefined) => entry && Buffer.from(entry.key).toString()
  expect(textOf(cursor.seek(keyText(from)))).toBe(names[at])
  for (const isForward of moves) {
    at = Math.min(names.length, Math.max(-1, at + (isForward ? 1 : -1)))
    expect(textOf(isForward ? cursor.next() : cursor.previous())).toBe(names[at])
  }
}
