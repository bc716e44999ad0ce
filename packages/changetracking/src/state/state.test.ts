import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { BoltFile } from '@tidemark/bolt'
import { afterEach, beforeEach, expect, test } from 'vitest'

import type { Item } from '../collector.ts'
import type { OutboxEntry } from './records.ts'
import { State, type StateUpdate } from './state.ts'

let folder = ''
let path = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-state-'))
  path = join(folder, 'db', 'changetracking.db')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const item = (version: string): Item => ({ columns: { CurrentVersion: version }, coveredBy: ['all'] })
const entry = (number: number, stream = 's'): OutboxEntry => ({ stream, chunk: `c${number}`, rows: [{ number }] })

function apply(state: State, update: Partial<StateUpdate>): void {
  state.apply({ type: 'Files', items: [], memory: state.memory('Files'), outbox: [], sequence: 0, ...update })
}

const all = { countMax: 1_000, bytesMax: 1_000_000 }

test('what was kept is there after it is opened again, under the same epoch', () => {
  let epoch = ''
  {
    using state = State.open(path, 0)
    epoch = state.epoch
    const key = Buffer.from([0x2f, 0x61, 0xff]).toString('latin1')
    apply(state, { items: [{ key, item: item('1') }], outbox: [entry(1)], sequence: 7 })
    state.remember('config', '{}')
  }
  using state = State.open(path, 0)
  expect([state.epoch, state.sequence, state.remembered('config'), state.loss]).toEqual([epoch, 7, '{}', undefined])
  expect([...state.items('Files')]).toEqual([['/a\xff', item('1')]])
  expect(state.waiting(all)).toMatchObject([entry(1)])
  expect(state.outboxCount).toBe(1)
  apply(state, { items: [{ key: '/a\xff', item: undefined }] })
  expect(state.items('Files').size).toBe(0)
})

test('the outbox is given oldest first, up to a count, up to bytes, and without what is stuck', () => {
  using state = State.open(path, 0)
  apply(state, { outbox: [entry(1), entry(2, 't'), entry(3)] })
  apply(state, { outbox: [entry(4, 't')] })
  const chunks = (limits: Parameters<State['waiting']>[0]): string[] => state.waiting(limits).map(({ chunk }) => chunk)
  expect(chunks(all)).toEqual(['c1', 'c2', 'c3', 'c4'])
  expect(chunks({ ...all, countMax: 2 })).toEqual(['c1', 'c2'])
  expect(chunks({ ...all, without: new Set(['s']) })).toEqual(['c2', 'c4'])
  // One entry is given even where it alone is over the limit, or it would never go.
  expect(chunks({ ...all, bytesMax: 1 })).toEqual(['c1'])
  state.handedOver(state.waiting({ ...all, countMax: 3 }).map(({ key }) => key))
  expect(chunks(all)).toEqual(['c4'])
  expect(state.outboxCount).toBe(1)
})

test('the outbox is full at its limit, also after a start, until enough is handed over', () => {
  const bytesMax = JSON.stringify(entry(1)).length * 2
  {
    using state = State.open(path, 0, bytesMax)
    apply(state, { outbox: [entry(1)] })
    expect(state.isFull).toBe(false)
    apply(state, { outbox: [entry(2)] })
    expect(state.isFull).toBe(true)
  }
  using state = State.open(path, 0, bytesMax)
  expect(state.isFull).toBe(true)
  const [first] = state.waiting(all)
  state.handedOver(first ? [first.key] : [])
  expect(state.isFull).toBe(false)
  // A second ack for the same entry frees nothing.
  state.handedOver(first ? [first.key] : [])
  expect(state.outboxCount).toBe(1)
})

test('a damaged file is set aside under a name with the time, and its loss is told', () => {
  State.open(path, 0)[Symbol.dispose]()
  writeFileSync(path, Buffer.alloc(70_000, 7))
  using state = State.open(path, Date.UTC(2026, 1, 3, 4, 5, 6))
  const aside = 'changetracking.db.damaged-2026-02-03T040506.000Z'
  expect(readdirSync(join(folder, 'db'))).toContain(aside)
  expect(state.loss).toContain(aside)
})

/** A file in memory whose writes to its first pages, the metas, fail when told to: in part, or after they were done. */
class MetaFailing implements BoltFile {
  #bytes = Buffer.alloc(0)
  fails: 'no' | 'in part' | 'afterwards' = 'no'

  read(into: Uint8Array, offset: number): number {
    return this.#bytes.copy(into, 0, offset)
  }

  write(bytes: Uint8Array, offset: number): void {
    const fails = offset < 2 * 16_384 ? this.fails : 'no'
    const end = offset + bytes.length
    if (end > this.#bytes.length) this.truncate(end)
    this.#bytes.set(fails === 'in part' ? bytes.subarray(0, 40) : bytes, offset)
    if (fails !== 'no') throw new Error('EIO')
  }

  truncate(sizeBytes: number): void {
    const before = this.#bytes
    this.#bytes = Buffer.alloc(sizeBytes)
    before.copy(this.#bytes)
  }

  size(): number {
    return this.#bytes.length
  }

  sync(): void {}
  close(): void {}
}

test.each([
  { fails: 'in part', kept: [1] },
  { fails: 'afterwards', kept: [1, 2] },
] as const)('a disk that failed $fails in the last moment of a commit is asked what counts', ({ fails, kept }) => {
  const file = new MetaFailing()
  using state = State.over(file)
  apply(state, { outbox: [entry(1)], sequence: 1 })
  file.fails = fails
  expect(() => apply(state, { outbox: [entry(2)], sequence: 2 })).toThrow('may or may not count')
  file.fails = 'no'
  const numbers = (): number[] => state.waiting(all).map(({ chunk }) => Number(chunk.slice(1)))
  expect(numbers()).toEqual(kept)
  expect([state.outboxCount, state.sequence]).toEqual([kept.length, kept.at(-1)])
  apply(state, { outbox: [entry(3)], sequence: 3 })
  expect(numbers()).toEqual([...kept, 3])
})

test('a value that another program wrote is no item', () => {
  using state = State.open(path, 0)
  apply(state, { items: [{ key: '/a', item: item('1'), described: { Size: 3 } }] })
  expect([...state.items('Files').values()]).toEqual([item('1')])
  expect(state.items('Software').size).toBe(0)
})

// Goal: items and outbox never disagree, whenever the process dies. Method: a process that writes an item and its outbox
// entry again and again is killed at random moments; what is found then must be one for one.
// Mutant tried: two transactions, the items first. It was found.
test('a process that is killed leaves items and outbox that agree', async () => {
  const script = `
    const { State } = await import(${JSON.stringify(new URL('state.ts', import.meta.url).href)})
    const state = State.open(${JSON.stringify(path)}, 0)
    const first = state.sequence + 1
    for (let n = first; ; n += 1) {
      if (n === first + 1) console.log('begun')
      state.apply({
        type: 'Files',
        items: [{ key: '/' + n, item: { columns: { Size: n }, coveredBy: [] } }],
        memory: state.memory('Files'),
        outbox: [{ stream: 's', chunk: String(n), rows: [{ n }] }],
        sequence: n,
      })
    }`
  let last = 0
  for (let kill = 0; kill < 6; kill += 1) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 150))
    child.kill('SIGKILL')
    await once(child, 'exit')
    using state = State.open(path, 0)
    const numbers = Array.from({ length: state.sequence }, (_, index) => index + 1)
    expect(state.loss).toBeUndefined()
    expect([...state.items('Files').values()].map(({ columns }) => Number(columns.Size)).sort((a, b) => a - b)).toEqual(
      numbers,
    )
    expect(state.waiting({ countMax: 1e6, bytesMax: 1e9 }).map(({ chunk }) => Number(chunk))).toEqual(numbers)
    expect(state.sequence).toBeGreaterThan(last)
    last = state.sequence
  }
})
