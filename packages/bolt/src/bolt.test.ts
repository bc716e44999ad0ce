import { closeSync, mkdtempSync, openSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { KEY_BYTES_MAX, openBolt, VALUE_BYTES_MAX } from './index.ts'
import { MemoryFile } from './memory-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'bolt-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const coded = (code: string): unknown => expect.objectContaining({ name: 'BoltError', code })
const inMemory = (): ReturnType<typeof openBolt> => openBolt('memory.db', { file: new MemoryFile() })
const text = (bytes: Uint8Array | undefined): string | undefined => bytes && Buffer.from(bytes).toString()

describe('opening', () => {
  test('a missing file is created, readable by its owner only, and keeps what was committed', () => {
    const path = join(folder, 'new.db')
    using bolt = openBolt(path)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(statSync(path).size).toBe(4 * 4096)
    bolt.update((tx) => tx.createBucket('a').put('k', 'v'))
    bolt.close()
    using again = openBolt(path, { readOnly: true })
    expect(text(again.view((tx) => tx.bucket('a')?.get('k')))).toBe('v')
  })

  test('a missing file is not created read-only', () => {
    expect(() => openBolt(join(folder, 'none.db'), { readOnly: true })).toThrow(coded('io-failed'))
  })

  test('a read-only database refuses to write', () => {
    const file = new MemoryFile()
    openBolt('x.db', { file }).close()
    expect(() => openBolt('x.db', { file, readOnly: true }).update(() => 1)).toThrow(coded('transaction-read-only'))
  })

  test('a lock that is held refuses after the time given, and the file is closed', () => {
    const path = join(folder, 'locked.db')
    let attemptCount = 0
    let descriptor = -1
    const lock = (fd: number, kind: string): boolean => {
      attemptCount += 1
      descriptor = fd
      return kind === 'shared'
    }
    expect(() => openBolt(path, { lock, lockTimeoutMs: 120 })).toThrow(coded('locked'))
    expect(attemptCount).toBeGreaterThan(1)
    expect(() => closeSync(descriptor)).toThrow(/EBADF/)
    truncateSync(path, 0)
    openBolt(path).close()
    openBolt(path, { lock, readOnly: true }).close()
  })

  test('a page size must be a power of two that bbolt uses', () => {
    for (const pageSize of [0, 512, 1000, 5000, 131_072]) {
      expect(() => openBolt('x.db', { pageSize })).toThrow(coded('option-invalid'))
    }
  })

  test('a file without a stored freelist gets one when the freelist is stored', () => {
    const file = new MemoryFile()
    openBolt('x.db', { file, freelistSync: false }).update((tx) => void tx.createBucket('a'))
    const stepCount = file.steps.length
    const bolt = openBolt('x.db', { file })
    expect(file.steps.length).toBeGreaterThan(stepCount)
    expect(bolt.view((tx) => tx.check())).toEqual([])
  })
})

describe('transactions', () => {
  test('what throws is rolled back', () => {
    const bolt = inMemory()
    expect(() =>
      bolt.update((tx) => {
        tx.createBucket('a')
        throw new Error('no')
      }),
    ).toThrow('no')
    expect(bolt.view((tx) => tx.bucket('a'))).toBeUndefined()
  })

  test('a snapshot keeps its state while later commits reuse everything else', () => {
    const file = new MemoryFile()
    const bolt = openBolt('x.db', { file, cacheBytesMax: 0 })
    bolt.update((tx) => tx.createBucket('a').put('k', 'old'))
    using snapshot = bolt.snapshot()
    for (let i = 0; i < 50; i++) bolt.update((tx) => tx.bucket('a')?.put('k', `new ${i}`))
    expect(text(snapshot.transaction.bucket('a')?.get('k'))).toBe('old')
    expect(text(bolt.view((tx) => tx.bucket('a')?.get('k')))).toBe('new 49')
  })

  test('without readers the same few pages serve forever', () => {
    const bolt = inMemory()
    bolt.update((tx) => tx.createBucket('a').put('k', 'x'.repeat(3000)))
    for (let i = 0; i < 200; i++) bolt.update((tx) => tx.bucket('a')?.put('k', 'y'.repeat(3000)))
    expect(bolt.sizeBytes).toBeLessThanOrEqual(12 * 4096)
  })

  test('an update that changes nothing writes nothing', () => {
    const file = new MemoryFile()
    const bolt = openBolt('x.db', { file })
    const stepCount = file.steps.length
    bolt.update((tx) => tx.bucket('a'))
    expect(file.steps.length).toBe(stepCount)
  })

  test('a callback that returns a promise is refused, and nothing is committed', () => {
    const bolt = inMemory()
    expect(() => bolt.update(async (tx) => tx.createBucket('a'))).toThrow(coded('callback-async'))
    expect(bolt.view((tx) => tx.bucket('a'))).toBeUndefined()
  })

  test('what outlives its transaction says so', () => {
    const bolt = inMemory()
    const bucket = bolt.update((tx) => tx.createBucket('a'))
    expect(() => bucket.get('k')).toThrow(coded('transaction-closed'))
    expect(() => bucket.put('k', 'v')).toThrow(coded('transaction-closed'))
    expect(() => bucket.cursor()).toThrow(coded('transaction-closed'))
    expect(() => bolt.view((tx) => tx.createBucket('b'))).toThrow(coded('transaction-read-only'))
  })

  test('one writer at a time; closing twice is fine, and closed is closed', () => {
    const bolt = inMemory()
    expect(() => bolt.update(() => bolt.update(() => 1))).toThrow(coded('busy'))
    expect(() => bolt.update(() => bolt.close())).toThrow(coded('busy'))
    const snapshot = bolt.snapshot()
    bolt.close()
    bolt.close()
    expect(() => snapshot.transaction.bucket('a')).toThrow(coded('transaction-closed'))
    expect(() => bolt.view(() => 1)).toThrow(coded('closed'))
  })
})

describe('buckets', () => {
  test('limits and misuse are refused with a code', () => {
    const bolt = inMemory()
    bolt.update((tx) => {
      const bucket = tx.createBucket('a')
      expect(() => bucket.put('', 'v')).toThrow(coded('key-required'))
      expect(() => tx.createBucket('')).toThrow(coded('key-required'))
      expect(() => bucket.put(Buffer.alloc(KEY_BYTES_MAX + 1), 'v')).toThrow(coded('key-too-large'))
      bucket.put(Buffer.alloc(KEY_BYTES_MAX, 1), 'v')
      const endless = new Uint8Array(0)
      Object.defineProperty(endless, 'length', { value: VALUE_BYTES_MAX + 1 })
      expect(() => bucket.put('k', endless)).toThrow(coded('value-too-large'))
      expect(() => tx.createBucket('a')).toThrow(coded('bucket-exists'))
      expect(() => tx.deleteBucket('b')).toThrow(coded('bucket-not-found'))
      tx.deleteBucket('a')
      expect(() => bucket.get('k')).toThrow(coded('bucket-not-found'))
    })
    expect(bolt.view((tx) => tx.check())).toEqual([])
  })

  test('what is given and what is got are copies', () => {
    const bolt = inMemory()
    const value = Buffer.from('value')
    bolt.update((tx) => {
      tx.createBucket('a').put('k', value)
      value.fill(0)
      tx.bucket('a')?.get('k')?.fill(0)
    })
    bolt.view((tx) => tx.bucket('a')?.get('k')?.fill(0))
    expect(text(bolt.view((tx) => tx.bucket('a')?.get('k')))).toBe('value')
  })

  test('entries start where asked and end with the prefix', () => {
    const bolt = inMemory()
    bolt.update((tx) => {
      const bucket = tx.createBucket('a')
      for (const key of ['a1', 'b1', 'b2', 'b3', 'c1']) bucket.put(key, '')
    })
    const keys = (range?: { from?: string; prefix?: string }): unknown =>
      bolt.view((tx) => [...(tx.bucket('a')?.entries(range) ?? [])].map(({ key }) => text(key)))
    expect(keys()).toEqual(['a1', 'b1', 'b2', 'b3', 'c1'])
    expect(keys({ prefix: 'b' })).toEqual(['b1', 'b2', 'b3'])
    expect(keys({ prefix: 'b', from: 'b2' })).toEqual(['b2', 'b3'])
    expect(keys({ from: 'b3' })).toEqual(['b3', 'c1'])
  })

  test('the sequence has 64 bits and survives', () => {
    const file = new MemoryFile()
    openBolt('x.db', { file }).update((tx) => tx.createBucket('a').setSequence(2n ** 64n - 2n))
    expect(openBolt('x.db', { file }).update((tx) => tx.bucket('a')?.nextSequence())).toBe(2n ** 64n - 1n)
  })
})

test('memory does not grow with the file: the cache stays within its bytes', () => {
  const file = new MemoryFile()
  openBolt('x.db', { file }).update((tx) => {
    const bucket = tx.createBucket('a')
    for (let i = 0; i < 5000; i++) bucket.put(`key ${i}`, 'x'.repeat(200))
  })
  const readTwice = (cacheBytesMax: number): number => {
    const bolt = openBolt('x.db', { file, cacheBytesMax })
    const scan = (): number => bolt.view((tx) => [...(tx.bucket('a')?.entries() ?? [])].length)
    scan()
    file.readBytes = 0
    expect(scan()).toBe(5000)
    return file.readBytes
  }
  expect(readTwice(64 * 1024 * 1024)).toBe(0)
  expect(readTwice(64 * 1024)).toBeGreaterThan(1_000_000)
})

test('a freelist with more ids than its header can count comes back whole', () => {
  const file = new MemoryFile()
  const bolt = openBolt('x.db', { file, pageSize: 1024, sync: false })
  bolt.update((tx) => tx.createBucket('a').put('k', Buffer.alloc(70_000 * 1024)))
  bolt.update((tx) => tx.deleteBucket('a'))
  const again = openBolt('x.db', { file })
  expect(again.view((tx) => tx.check())).toEqual([])
  again.update((tx) => tx.createBucket('b').put('k', Buffer.alloc(60_000 * 1024)))
  expect(again.sizeBytes).toBeLessThan(72_000 * 1024)
})

test('opening a folder fails as an error of this package', () => {
  closeSync(openSync(folder, 'r'))
  expect(() => openBolt(folder)).toThrow(coded('io-failed'))
})
