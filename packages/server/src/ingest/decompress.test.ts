import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'

import { UPLOAD_BYTES_MAX } from '@tidemark/model'
import { describe, expect, test } from 'vitest'

import { decompressed } from './decompress.ts'

const packers = { gzip: gzipSync, deflate: deflateSync, zstd: zstdCompressSync } as const

describe.each(Object.entries(packers))('%s', (encoding, pack) => {
  test('comes out as it went in', async () => {
    expect(await decompressed(pack('größer'), encoding.toUpperCase())).toEqual({ text: 'größer' })
  })

  test('a bomb is refused', async () => {
    const bomb = pack(Buffer.alloc(UPLOAD_BYTES_MAX + 1))
    expect(bomb.length).toBeLessThan(100_000)
    expect(await decompressed(bomb, encoding)).toMatchObject({ status: 413 })
  })

  test('exactly the limit is taken', async () => {
    const plain = await decompressed(pack(Buffer.alloc(UPLOAD_BYTES_MAX, 'a')), encoding)
    expect('text' in plain && plain.text.length).toBe(UPLOAD_BYTES_MAX)
  })

  test.each([Buffer.from('no such thing'), pack('cut off in the middle of it').subarray(0, -4)])(
    'damage is refused',
    async (body) => {
      expect(await decompressed(body, encoding)).toMatchObject({ status: 400 })
    },
  )
})

test('a body that is not compressed is taken as it is', async () => {
  expect(await decompressed(Buffer.from('{}'), undefined)).toEqual({ text: '{}' })
})

test('an encoding that is not known is named', async () => {
  expect(await decompressed(Buffer.from('{}'), 'br')).toEqual({
    status: 415,
    reason: 'Content-Encoding "br" is not known; known: gzip, deflate, zstd',
  })
})
