// Goal: a content is kept when all of it came and it is what it says, whatever the order and whoever sends besides; else
// never. Method: the real folder and disk store, a store that fails as told, tiny limits.
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zstdCompressSync } from 'node:zlib'

import { ManualClock } from '@tidemark/base/testing'
import { CONTENT_PART_BYTES_MAX, type ContentRow, contentRows } from '@tidemark/model'
import fc from 'fast-check'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { SqliteMetadata } from '../metadata/sqlite-metadata.ts'
import { StoreUnavailable } from '../ports.ts'
import { ASSEMBLY_MS_MAX, type AssemblyLimits } from './assemblies.ts'
import { ContentRoom } from './content-room.ts'
import { contentOf } from './decompress-content.ts'
import { AssemblyFolder } from './host/assembly-folder.ts'
import { DiskStore } from './host/disk-store.ts'
import { ContentReferences } from './references.ts'

const web = { workspaceId: 'w', resourceId: '/machines/web' }
const db = { workspaceId: 'w', resourceId: '/machines/db' }
const foreign = { workspaceId: 'other', resourceId: '/machines/web' }

let folder = ''
let metadata: SqliteMetadata
let clock: ManualClock
let isStoreAway = false
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-room-'))
  metadata = new SqliteMetadata(join(folder, 'metadata.db'))
  clock = new ManualClock()
  isStoreAway = false
})
afterEach(async () => {
  await metadata[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

async function open(limits?: AssemblyLimits): Promise<ContentRoom> {
  const store = await DiskStore.open(join(folder, 'contents'))
  const put = store.put.bind(store)
  store.put = async (hash, frame) => {
    if (isStoreAway) throw new StoreUnavailable('away')
    await put(hash, frame)
  }
  return await ContentRoom.open({
    store,
    folder: await AssemblyFolder.open(join(folder, 'parts')),
    references: new ContentReferences(metadata),
    clock,
    log: pino({ level: 'silent' }),
    ...(limits ? { limits } : {}),
  })
}

/** A content that does not compress, so that it has some parts. */
function content(bytes: number) {
  const whole = randomBytes(bytes)
  const hash = createHash('sha256').update(whole).digest('hex')
  return { whole, hash, rows: contentRows(hash, zstdCompressSync(whole), { contentSize: bytes }) }
}
const threeParts = () => content(2 * CONTENT_PART_BYTES_MAX + 1_000)

async function read(room: ContentRoom, hash: string, workspaceId = 'w'): Promise<Buffer | undefined> {
  const found = await room.find(workspaceId, hash)
  if (found === undefined) return undefined
  const pieces: Uint8Array[] = []
  for await (const piece of contentOf(found.frame)) pieces.push(piece)
  return Buffer.concat(pieces)
}

const openFolders = () =>
  readdirSync(join(folder, 'parts')).flatMap((owner) => readdirSync(join(folder, 'parts', owner)))

describe('a content is kept', () => {
  test('from one row, and over no way but the store', async () => {
    await using room = await open()
    const { whole, hash, rows } = content(100)
    await room.take(rows, web)
    expect((await read(room, hash))?.equals(whole)).toBe(true)
    expect([room.counts, openFolders()]).toEqual([{ kept: 1, refused: 0, dropped: 0 }, []])
  })

  test('from parts in any order, in any uploads, again, and over restarts', async () => {
    const { whole, hash, rows } = threeParts()
    const order = fc.tuple(fc.shuffledSubarray([0, 1, 2, 0, 1, 2], { minLength: 6 }), fc.integer({ min: 1, max: 5 }))
    await fc.assert(
      fc.asyncProperty(order, async ([parts, restartAfter]) => {
        const own = { ...web, workspaceId: `w${randomBytes(8).toString('hex')}` }
        for (const some of [parts.slice(0, restartAfter), parts.slice(restartAfter)]) {
          await using room = await open()
          for (const part of some) await room.take([rows[part]!], own)
        }
        await using room = await open()
        expect((await read(room, hash, own.workspaceId))?.equals(whole)).toBe(true)
      }),
      { numRuns: 15 },
    )
  })

  test('from two machines that send parts of the same at once, without mixing them', async () => {
    await using room = await open()
    const { whole, hash, rows } = threeParts()
    await room.take([rows[0]!, rows[1]!], web)
    await room.take([rows[2]!], db)
    expect(await read(room, hash)).toBeUndefined()
    await Promise.all([room.take([rows[2]!], web), room.take([rows[0]!, rows[1]!], db)])
    expect((await read(room, hash))?.equals(whole)).toBe(true)
  })
})

describe('a content is refused and never stored', () => {
  const lie = (rows: readonly ContentRow[], more: object) => rows.map((row) => ({ ...row, ...more }))

  test.each([
    ['with another hash', (rows: readonly ContentRow[]) => lie(rows, { ContentHash: 'ab'.repeat(32) })],
    ['with a size that is too small', (rows: readonly ContentRow[]) => lie(rows, { ContentSize: 5 })],
    ['with a size that is too large', (rows: readonly ContentRow[]) => lie(rows, { ContentSize: 50_000_000 })],
    ['with bytes that are no frame', (rows: readonly ContentRow[]) => lie(rows, { Bytes: 'AAAA' })],
    ['with a row that is wrong', (rows: readonly ContentRow[]) => lie(rows, { Part: -1 })],
  ])('%s', async (_how, wrong) => {
    await using room = await open()
    const { hash, rows } = content(100)
    await room.take(wrong(rows), web)
    expect([room.counts.refused, room.counts.kept]).toEqual([1, 0])
    for (const one of [hash, 'ab'.repeat(32)]) expect(await read(room, one)).toBeUndefined()
    expect(readdirSync(join(folder, 'contents'))).toEqual([])
    await room.take(rows, web)
    expect(await read(room, hash)).toBeDefined()
  })

  test('when its parts make something else', async () => {
    await using room = await open()
    const { hash, rows } = threeParts()
    await room.take([rows[0]!, { ...rows[1]!, Bytes: rows[0]!.Bytes }], web)
    await room.take([rows[2]!], web)
    expect([room.counts.refused, await read(room, hash), openFolders()]).toEqual([1, undefined, []])
  })

  test('when it is a bomb, in little memory and time', async () => {
    await using room = await open()
    const bomb = zstdCompressSync(Buffer.alloc(512 * 1024 * 1024))
    const startedBytes = process.memoryUsage().rss
    await room.take(contentRows('ab'.repeat(32), bomb, { contentSize: 1_000 }), web)
    expect(room.counts.refused).toBe(1)
    expect(process.memoryUsage().rss - startedBytes).toBeLessThan(64 * 1024 * 1024)
  })
})

test('a workspace has what a machine of its own uploaded wholly, and no other', async () => {
  await using room = await open()
  const { whole, hash, rows } = content(100)
  await room.take(rows, web)
  expect(await read(room, hash, 'other')).toBeUndefined()
  // To know the hash is not to have the content.
  await room.take([{ ...rows[0]!, Bytes: Buffer.from('guess').toString('base64') }], foreign)
  expect(await read(room, hash, 'other')).toBeUndefined()
  await room.take(rows, foreign)
  expect((await read(room, hash, 'other'))?.equals(whole)).toBe(true)
})

describe('a store that is away', () => {
  test('holds up nobody: what is whole waits on disk, over a restart, and is kept when the store is back', async () => {
    const [small, large] = [content(100), threeParts()]
    isStoreAway = true
    {
      await using room = await open()
      await room.take([...small.rows, ...large.rows], web)
      expect(await read(room, small.hash)).toBeUndefined()
      // Never dropped, however old: it was acknowledged.
      clock.advance(ASSEMBLY_MS_MAX + 1)
      await room.tend()
      expect(openFolders()).toHaveLength(2)
    }
    isStoreAway = false
    await using room = await open()
    await room.tend()
    for (const { hash, whole } of [small, large]) expect((await read(room, hash))?.equals(whole)).toBe(true)
    expect(openFolders()).toEqual([])
  })

  test('makes senders wait when there is no room for more', async () => {
    isStoreAway = true
    await using room = await open({ perMachineMax: 1, countMax: 9, bytesPerMachineMax: 1e9, bytesMax: 1e9 })
    await room.take(content(100).rows, web)
    await expect(room.take(content(100).rows, web)).rejects.toThrow(StoreUnavailable)
    await room.take(content(100).rows, db)
  })
})

describe('parts whose others do not come', () => {
  test('are dropped after a week', async () => {
    await using room = await open()
    await room.take([threeParts().rows[0]!], web)
    clock.advance(ASSEMBLY_MS_MAX)
    await room.tend()
    expect(openFolders()).toHaveLength(1)
    clock.advance(2)
    await room.tend()
    expect([openFolders(), room.counts.dropped]).toEqual([[], 1])
  })

  test.each([
    ['count', { perMachineMax: 2, countMax: 9, bytesPerMachineMax: 1e9, bytesMax: 1e9 }],
    ['bytes', { perMachineMax: 9, countMax: 9, bytesPerMachineMax: 2.5 * CONTENT_PART_BYTES_MAX, bytesMax: 1e9 }],
    ['count of all', { perMachineMax: 9, countMax: 3, bytesPerMachineMax: 1e9, bytesMax: 1e9 }],
    [
      'bytes of all',
      { perMachineMax: 9, countMax: 9, bytesPerMachineMax: 1e9, bytesMax: 3.5 * CONTENT_PART_BYTES_MAX },
    ],
  ])('make room at the limit of %s, the oldest of who takes most first', async (_what, limits) => {
    await using room = await open(limits)
    const [old, young, newest, others] = [threeParts(), threeParts(), threeParts(), threeParts()]
    for (const [{ rows }, from] of [
      [others, db],
      [old, web],
      [young, web],
      [newest, web],
    ] as const) {
      clock.advance(1_000)
      await room.take([rows[0]!], from)
    }
    const left = openFolders().map((name) => name.slice(0, 64))
    expect(left.sort()).toEqual([others.hash, young.hash, newest.hash].sort())
    expect(room.counts.dropped).toBe(1)
  })
})
