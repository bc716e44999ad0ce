import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { BoltError, openBolt } from './index.ts'
import { linesOf } from './judge/lines.ts'
import { MemoryFile } from './memory-file.ts'

// Goal: whatever is wrong with a file, the answer is a BoltError or wrong values, never another error and never a hang.
// Method: bytes of a sound file are changed or cut off; then everything is read, checked, changed and committed. Single
// bytes are also set in the headers and element tables, where they hurt most.
// Mutants caught here: no limit to a tree's depth (an endless walk); keys not compared with the parent's; order of keys
// not checked; bounds of elements not checked; the second meta not looked for.

const sound = soundFile()

function soundFile(): Uint8Array {
  const file = new MemoryFile()
  using bolt = openBolt('sound.db', { file, pageSize: 1024 })
  for (let round = 0; round < 3; round++) {
    bolt.update((tx) => {
      const bucket = tx.createBucketIfMissing('a')
      for (let i = 0; i < 400; i++) bucket.put(`key${(i * 31 + round) % 500}`, `value ${i}`)
      for (let i = 0; i < 100; i++) bucket.delete(`key${i * 3 + round}`)
      bucket.put('large', 'x'.repeat(5000))
      tx.createBucketIfMissing('o').createBucketIfMissing('i').put('k', 'v')
      const big = tx.createBucketIfMissing('o').createBucketIfMissing('b')
      for (let i = 0; i < 60; i++) big.put(`k${i}`, 'v'.repeat(30))
    })
  }
  // What was allocated ahead of need is cut off: damage there shows nothing.
  return file.bytes.slice(0, bolt.sizeBytes)
}

/** Does everything there is to do; returns how often it was refused. */
function useAll(bytes: Uint8Array): BoltError[] {
  const refusals: BoltError[] = []
  const attempt = (action: () => void): void => {
    try {
      action()
    } catch (error) {
      if (!(error instanceof BoltError)) throw error
      refusals.push(error)
    }
  }
  attempt(() => {
    using bolt = openBolt('damaged.db', { file: new MemoryFile(bytes), sync: false })
    attempt(() => bolt.view(linesOf))
    attempt(() => bolt.view((tx) => tx.check()))
    attempt(() => bolt.view((tx) => [tx.bucket('a')?.cursor().last(), tx.bucket('a')?.get('key77')]))
    attempt(() => bolt.update((tx) => tx.bucket('a')?.put('new', 'n'.repeat(3000))))
    attempt(() =>
      bolt.update((tx) => [...(tx.bucket('a')?.entries() ?? [])].forEach(({ key }) => tx.bucket('a')?.delete(key))),
    )
    attempt(() => bolt.update((tx) => tx.deleteBucket('o')))
    attempt(() => bolt.update((tx) => tx.deleteBucket('a')))
    attempt(() => bolt.view((tx) => tx.check()))
  })
  for (const refusal of refusals) expect(refusal.message).toContain('damaged.db')
  return refusals
}

test('a sound file is not refused anything', () => {
  expect(useAll(sound)).toEqual([])
})

test('random bytes changed anywhere', () => {
  const change = fc.record({ at: fc.nat(sound.length - 1), to: fc.nat(255) })
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 12 }), (changes) => {
      const bytes = sound.slice()
      for (const { at, to } of changes) bytes[at] = to
      useAll(bytes)
    }),
    { numRuns: 150 },
  )
}, 60_000)

test('a bucket whose flag is lost is damage, not a bucket that is missing', () => {
  // found by the test above: { seed: 1458144211, path: '101:14:6:6:5:5' }, shrunk to the flag of the first bucket
  using bolt = openBolt('damaged.db', { file: new MemoryFile(patched([37 * 1024 + 16, 0], 0)) })
  const refusal: unknown = expect.objectContaining({ code: 'page-damaged', pageId: 37 })
  expect(() => bolt.view((tx) => [...tx.bucketNames()])).toThrow(refusal)
  expect(() => bolt.view((tx) => tx.bucket('a'))).toThrow(refusal)
  expect(() => bolt.update((tx) => tx.createBucketIfMissing('a'))).toThrow(refusal)
  expect(bolt.view((tx) => tx.bucket('o')?.bucket('i')?.get('k'))).toEqual(Uint8Array.of(118))
  const problem = { where: 'page 37', message: 'has "a" as a value, not as a bucket' }
  expect(bolt.view((tx) => tx.check())[0]).toEqual(problem)
  expect(useAll(patched([37 * 1024 + 16, 0], 0)).map(({ code }) => code)).toContain('page-damaged')
})

test('any one byte of a page header or of the first elements changed', () => {
  const pageCount = sound.length / 1024
  const codes = new Set<string>()
  const change = fc.record({
    page: fc.nat(pageCount - 1),
    at: fc.nat(63),
    to: fc.constantFrom(0, 1, 2, 3, 7, 15, 16, 40, 127, 255),
  })
  fc.assert(
    fc.property(change, ({ page, at, to }) => {
      const bytes = sound.slice()
      bytes[page * 1024 + at] = to
      for (const { code } of useAll(bytes)) codes.add(code)
    }),
    { numRuns: 400 },
  )
  expect([...codes]).toContain('page-damaged')
}, 60_000)

test('a file that ends too early says where', () => {
  for (let size = 2048; size < sound.length; size += 1024) {
    const refusal = useAll(sound.slice(0, size))[0]
    expect(refusal?.code).toBe('file-truncated')
    expect(refusal?.pageId).toBe(size / 1024)
  }
})

test.each([
  { name: 'no database at all', bytes: Buffer.alloc(9000, 'text '), code: 'not-a-database', pageId: 0 },
  {
    name: 'zeros, but too many for a creation that broke off',
    bytes: Buffer.alloc(64_000),
    code: 'not-a-database',
    pageId: 0,
  },
  { name: 'another version in both metas', bytes: patched([20, 1044], 3), code: 'version-unknown', pageId: 0 },
  { name: 'both checksums wrong', bytes: patched([72, 1096], 0), code: 'meta-damaged', pageId: 0 },
])('$name', ({ bytes, code, pageId }) => {
  const open = (): unknown => openBolt('x.db', { file: new MemoryFile(bytes) })
  expect(open).toThrow(expect.objectContaining({ code, pageId }))
})

test('one damaged meta leaves the other, even the first, which has the page size', () => {
  for (const at of [16, 1040]) {
    using bolt = openBolt('x.db', { file: new MemoryFile(patched([at], 0)) })
    expect(bolt.view((tx) => tx.bucket('a')?.get('large'))).toHaveLength(5000)
  }
})

test('keys out of order are refused, with the page', () => {
  const bytes = sound.slice()
  const view = new DataView(bytes.buffer)
  const changed = new Set<number>()
  for (let page = 2; page < sound.length / 1024; page++) {
    const at = page * 1024
    if (view.getUint16(at + 8, true) !== 2 || view.getUint16(at + 10, true) < 2) continue
    bytes[at + 16 + view.getUint32(at + 20, true)] = 0xff
    changed.add(page)
  }
  const refused = useAll(bytes).filter(({ message }) => message.includes('do not ascend'))
  expect(refused.length).toBeGreaterThan(0)
  for (const { code, pageId } of refused) {
    expect(code).toBe('page-damaged')
    expect(changed).toContain(pageId)
  }
})

test('a branch that leads back to itself ends', () => {
  const bytes = sound.slice()
  const view = new DataView(bytes.buffer)
  let circleCount = 0
  for (let page = 2; page < sound.length / 1024; page++) {
    if (view.getUint16(page * 1024 + 8, true) !== 1) continue
    view.setUint16(page * 1024 + 10, 1, true)
    view.setUint32(page * 1024 + 24, page, true)
    circleCount += 1
  }
  expect(circleCount).toBeGreaterThan(0)
  expect(useAll(bytes).length).toBeGreaterThan(0)
})

function patched(offsets: readonly number[], value: number): Uint8Array {
  const bytes = sound.slice()
  for (const offset of offsets) bytes[offset] = value
  return bytes
}
