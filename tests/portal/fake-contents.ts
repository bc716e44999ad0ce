import { createHash } from 'node:crypto'

import type { ContentDiff, ContentHunk, ContentText } from '@tidemark/model'

/** What the fake store keeps: by SHA-256, the content as it is shown. */
export type FakeContents = ReadonlyMap<string, ContentText>

/** The SHA-256 of a fake content. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** A kept text; `shown` tells what is different from a plain one. */
export function keptText(text: string, shown: Partial<ContentText> = {}): ContentText {
  return {
    hash: hashOf(text),
    size: Buffer.byteLength(text),
    isText: true,
    encoding: 'utf-8',
    isTruncated: false,
    text,
    redactionCount: 0,
    ...shown,
  }
}

/** Answers `GET /v1/contents/…`: the bytes, a text, or a difference. */
export function answerContents(url: string, contents: FakeContents): { status: number; body: unknown } {
  const { pathname, searchParams } = new URL(url, 'http://fake')
  const hash = /[0-9a-f]{64}/.exec(pathname)?.[0] ?? ''
  const kept = [hash, searchParams.get('from') ?? '', searchParams.get('to') ?? ''].map((one) => contents.get(one))
  const [one, from, to] = kept
  if (pathname === '/v1/contents/diff' && from && to) return { status: 200, body: differenceOf(from, to) }
  if (pathname === `/v1/contents/${hash}/text` && one) return { status: 200, body: one }
  if (pathname === `/v1/contents/${hash}` && one) return { status: 200, body: one.text }
  return { status: 404, body: { error: { code: 'NotFound', message: 'the fake store does not have this content' } } }
}

function differenceOf(from: ContentText, to: ContentText): ContentDiff {
  const { text: fromText, ...fromRest } = from
  const { text: toText, ...toRest } = to
  const isComparable = from.isText && to.isText && fromText !== toText
  return { from: fromRest, to: toRest, hunks: isComparable ? [hunkOf(linesOf(fromText), linesOf(toText))] : [] }
}

function linesOf(text: string): string[] {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}

/** One hunk for all that differs, with three lines around it. The end of the last line is not looked at. */
function hunkOf(from: readonly string[], to: readonly string[]): ContentHunk {
  const isSame = (a: number, b: number): boolean => from.at(a) !== undefined && from.at(a) === to.at(b)
  const shorter = Math.min(from.length, to.length)
  let head = 0
  while (head < shorter && isSame(head, head)) head += 1
  let tail = 0
  while (tail < shorter - head && isSame(-1 - tail, -1 - tail)) tail += 1
  const start = Math.max(0, head - 3)
  const after = from.slice(from.length - tail, from.length - tail + 3)
  const removed = from.slice(head, from.length - tail)
  const added = to.slice(head, to.length - tail)
  return {
    fromStart: start + 1,
    fromLines: head - start + removed.length + after.length,
    toStart: start + 1,
    toLines: head - start + added.length + after.length,
    lines: [
      ...from.slice(start, head).map((line) => ` ${line}`),
      ...removed.map((line) => `-${line}`),
      ...added.map((line) => `+${line}`),
      ...after.map((line) => ` ${line}`),
    ],
  }
}
