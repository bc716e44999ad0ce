import { zstdDecompressSync } from 'node:zlib'

import { expect, test } from 'vitest'

import { encoded, Encodings } from './encodings.ts'

const url = 'https://server/ods/w'

test.each([
  { offer: undefined, taken: 'gzip' },
  { offer: 'zstd, gzip, deflate', taken: 'zstd' },
  { offer: 'gzip;q=0.5, ZSTD;q=1', taken: 'zstd' },
  { offer: 'zstd;q=0, gzip', taken: 'gzip' },
  { offer: 'br', taken: 'identity' },
  { offer: '', taken: 'identity' },
])('of "$offer" it takes $taken', ({ offer, taken }) => {
  const encodings = new Encodings()
  encodings.learn(url, offer)
  expect(encodings.of(`${url}/other`)).toBe(taken)
  expect(encodings.of('https://elsewhere/')).toBe('gzip')
})

test('after a refusal it takes what is offered, or nothing, and knows when there is no other', () => {
  const encodings = new Encodings()
  expect([encodings.refused(url, 'zstd'), encodings.of(url)]).toEqual([true, 'zstd'])
  expect([encodings.refused(url, undefined), encodings.of(url)]).toEqual([true, 'identity'])
  expect(encodings.refused(url, undefined)).toBe(false)
})

test('zstd is zstd', async () => {
  expect(zstdDecompressSync(await encoded('text', 'zstd')).toString()).toBe('text')
})
