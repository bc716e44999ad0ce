import { createHash, randomBytes } from 'node:crypto'
import { zstdCompressSync } from 'node:zlib'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { ContentStore } from './content-store.ts'

/** What a test opens: the store, and the same one opened again, as after a restart. */
export interface OpenedStore extends AsyncDisposable {
  readonly store: ContentStore
  reopen(): Promise<ContentStore>
}

/** The suite that every content store passes. */
export function describeContentStore(name: string, open: () => Promise<OpenedStore>): void {
  describe(`contents in ${name}`, () => {
    let opened: OpenedStore
    let store: ContentStore
    beforeAll(async () => {
      opened = await open()
      store = opened.store
    })
    afterAll(async () => await opened?.[Symbol.asyncDispose]())

    const content = (bytes: number) => {
      const whole = randomBytes(bytes)
      return { hash: createHash('sha256').update(whole).digest('hex'), frame: zstdCompressSync(whole) }
    }
    const read = async (from: ContentStore, hash: string): Promise<Buffer | undefined> => {
      const pieces = await from.get(hash)
      if (pieces === undefined) return undefined
      const all: Uint8Array[] = []
      for await (const piece of pieces) all.push(piece)
      return Buffer.concat(all)
    }

    test.each([0, 1, 100_000, 5_000_000])('%d bytes come back as they are, also after a restart', async (bytes) => {
      const { hash, frame } = content(bytes)
      await store.put(hash, frame)
      expect([await store.has(hash), (await read(store, hash))?.equals(frame)]).toEqual([true, true])
      await using again = await opened.reopen()
      expect((await read(again, hash))?.equals(frame)).toBe(true)
    })

    test('what is not there is not there, and removing it is no fault', async () => {
      const { hash } = content(10)
      expect([await store.has(hash), await store.get(hash)]).toEqual([false, undefined])
      await store.remove(hash)
    })

    test('a content that comes again is kept once, also at the same time', async () => {
      const { hash, frame } = content(1_000)
      await Promise.all(Array.from({ length: 8 }, async () => await store.put(hash, frame)))
      await store.put(hash, frame)
      expect((await read(store, hash))?.equals(frame)).toBe(true)
      await store.remove(hash)
      expect(await store.has(hash)).toBe(false)
    })

    test('a removed content is gone, others stay, and it may come again', async () => {
      const [one, other] = [content(100), content(100)]
      for (const { hash, frame } of [one, other]) await store.put(hash, frame)
      await store.remove(one.hash)
      expect([await store.has(one.hash), await read(store, one.hash), await store.has(other.hash)]).toEqual([
        false,
        undefined,
        true,
      ])
      await store.put(one.hash, one.frame)
      expect((await read(store, one.hash))?.equals(one.frame)).toBe(true)
    })

    test('a reader may go away in the middle', async () => {
      const { hash, frame } = content(3_000_000)
      await store.put(hash, frame)
      for await (const piece of (await store.get(hash))!) {
        expect(piece.length).toBeGreaterThan(0)
        break
      }
      expect((await read(store, hash))?.equals(frame)).toBe(true)
    })
  })
}
