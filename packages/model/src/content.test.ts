import { problemsText } from '@tidemark/base'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import {
  CONTENT_BYTES_MAX,
  CONTENT_PARTS_MAX,
  contentHashOf,
  type ContentPart,
  contentRows,
  parseContentRow,
} from './content.ts'
import { CONTENT_PART_BYTES_MAX, contentLink } from './row.ts'

const hash = 'ab'.repeat(32)
const row = { ...contentRows(hash, new Uint8Array([1, 2, 3]), { contentSize: 9 })[0] }

function parsed(one: Readonly<Record<string, unknown>>): ContentPart {
  const read = parseContentRow(one)
  if (read.kind === 'rejected') throw new Error(problemsText(read.problems))
  return read.value
}

describe('a content that is cut', () => {
  test('comes together again, whatever its length', () => {
    const lengths = fc.oneof(
      fc.integer({ min: 0, max: 100 }),
      fc.integer({ min: -2, max: 2 }).map((more) => 2 * CONTENT_PART_BYTES_MAX + more),
    )
    fc.assert(
      fc.property(lengths, fc.option(fc.nat(), { nil: undefined }), (length, shownBytesMax) => {
        const whole = Uint8Array.from({ length }, (_, index) => index % 251)
        const facts = { contentSize: length, ...(shownBytesMax === undefined ? {} : { shownBytesMax }) }
        const parts = contentRows(hash, whole, facts).map(parsed)
        expect(parts.map(({ part }) => part)).toEqual(parts.map((_, index) => index))
        expect(new Set(parts.map(({ partCount }) => partCount))).toEqual(new Set([parts.length]))
        expect(Buffer.concat(parts.map(({ bytes }) => bytes)).equals(whole)).toBe(true)
        expect(parts[0]).toMatchObject({ hash, size: length })
        expect(parts[0]?.shownBytesMax).toBe(shownBytesMax)
      }),
      { numRuns: 30 },
    )
  })

  test('has one part also when it is empty, and is refused when it is too large', () => {
    expect(contentRows(hash, new Uint8Array(), { contentSize: 0 })).toHaveLength(1)
    expect(() => contentRows(hash, new Uint8Array(), { contentSize: CONTENT_BYTES_MAX + 1 })).toThrow(RangeError)
  })
})

describe('a row that is no part of a content', () => {
  test.each([
    [{ ContentHash: hash.toUpperCase() }, /^ContentHash: /],
    [{ ContentHash: `${hash}\n` }, /^ContentHash: /],
    [{ ContentHash: ['../..'] }, /^ContentHash: /],
    [{ ContentSize: -1 }, /^ContentSize: /],
    [{ ContentSize: CONTENT_BYTES_MAX + 1 }, /^ContentSize: /],
    [{ ContentSize: 1.5 }, /^ContentSize: /],
    [{ PartCount: 0 }, /^PartCount: /],
    [{ PartCount: CONTENT_PARTS_MAX + 1 }, /^PartCount: /],
    [{ Part: 1 }, /^Part: /],
    [{ Part: '0' }, /^Part: /],
    [{ Encoding: 'gzip' }, /^Encoding: /],
    [{ Bytes: 'AA=A' }, /^Bytes: is no base64/],
    [{ Bytes: 'AAA' }, /^Bytes: is no base64/],
    [{ Bytes: 'A'.repeat(CONTENT_PART_BYTES_MAX * 2) }, /^Bytes: has more than/],
    [{ Bytes: 7 }, /^Bytes: is no text/],
    [{ PartCount: 2 }, /^Bytes: a part before the last is not full/],
    [{ ShownBytesMax: '5' }, /^ShownBytesMax: /],
  ])('is refused: %j', (wrong, message) => {
    const read = parseContentRow({ ...row, ...wrong })
    expect(read.kind === 'rejected' && problemsText(read.problems)).toMatch(message)
  })

  test('is refused whatever it holds, and never throws', () => {
    const cells = fc.dictionary(fc.constantFrom(...Object.keys(row), 'Other'), fc.anything())
    fc.assert(fc.property(cells, (one) => void parseContentRow(one)))
    expect(parsed(row)).toMatchObject({ part: 0, partCount: 1 })
  })
})

test('a link names its content, and other text none', () => {
  expect(contentHashOf(contentLink(hash))).toBe(hash)
  for (const link of [
    '',
    hash,
    `/v1/contents/${hash}x`,
    `https://x/v1/contents/${hash}`,
    `/v1/contents/${'g'.repeat(64)}`,
  ])
    expect(contentHashOf(link)).toBeUndefined()
})
