import { contentLink } from '@tidemark/model'
import { describe, expect, test } from 'vitest'

import { parseMoment } from './options.ts'
import { chosenVersions, keptHash, versionsOf, versionsQuery } from './versions.ts'

const [A, B] = ['a'.repeat(64), 'b'.repeat(64)] as [string, string]
const row = (hour: number, hash: string | undefined, more: Readonly<Record<string, string>> = {}) => ({
  TimeGenerated: `2026-01-01T0${hour}:00:00Z`,
  ChangeCategory: 'Modified',
  FileContentBlobLink: hash === undefined ? '' : contentLink(hash),
  ...more,
})
const found = (hour: number, hash: string | undefined, more = {}) => {
  const { ChangeCategory: _category, ...rest } = row(hour, hash, more)
  return rest
}
const at = (hour: number) => Date.UTC(2026, 0, 1, hour)

describe('versions', () => {
  test.each([
    ['a change of something else is no new one', [row(2, A), row(1, A)], [], [A]],
    ['inventory tells them, too, and says nothing twice', [row(3, B)], [found(1, A), found(2, A), found(4, B)], [A, B]],
    ['what was before the first change', [row(1, B, { PreviousFileContentBlobLink: contentLink(A) })], [], [A, B]],
    [
      'a file that went and came',
      [row(3, A, { ChangeCategory: 'Added' }), row(2, undefined, { ChangeCategory: 'Removed' })],
      [found(1, A)],
      [A, 'gone', A],
    ],
    [
      'one whose content was not kept',
      [row(2, undefined, { FileContentChecksum: '2' })],
      [found(1, A, { FileContentChecksum: '1' })],
      [A, 'not kept'],
    ],
    [
      'a content that was kept only later',
      [],
      [found(2, A, { FileContentChecksum: '1' }), found(1, undefined, { FileContentChecksum: '1' })],
      [A],
    ],
    [
      'a link that is none of ours',
      [row(1, undefined, { FileContentBlobLink: 'https://elsewhere/x' })],
      [],
      ['not kept'],
    ],
  ])('%s', (_what, changes, inventory, expected) => {
    const versions = versionsOf(changes, inventory)
    expect(versions.map(({ hash, isThere }) => hash ?? (isThere ? 'not kept' : 'gone'))).toEqual(expected)
  })

  const versions = versionsOf([row(5, A), row(3, B)], [found(1, A)])
  test.each([
    [undefined, undefined, B, A],
    [undefined, at(4), A, B],
    [at(2), undefined, A, A],
    [at(1), at(3), A, B],
    [at(5), at(1), A, A],
  ])('from %j to %j', (fromMs, toMs, from, to) => {
    const chosen = chosenVersions(versions, { fromMs, toMs }, '/x on m')
    expect([chosen.from.hash, chosen.to.hash]).toEqual([from, to])
  })

  test.each([
    [[], {}, /nothing is known of \/x on m\./],
    [versions, { toMs: at(0) }, /nothing is known of \/x on m at that time; it was first reported/],
    [versions.slice(0, 1), {}, /has had one version only/],
  ])('that are not there are told', (known, asked, message) => {
    expect(() => chosenVersions(known, { fromMs: undefined, toMs: undefined, ...asked }, '/x on m')).toThrow(message)
  })

  test('whose content was not kept say what to do', () => {
    expect(() => keptHash({ sinceMs: at(1), isThere: true }, '/x on m')).toThrow(
      /uploadContent.*\n.*maxContentsReturnable/,
    )
    expect(keptHash({ sinceMs: at(1), isThere: false }, '/x on m')).toBeUndefined()
  })
})

test('names of files and machines cannot become anything else in a query', () => {
  const { changes, inventory } = versionsQuery('/a" | take 0', 'm\\')
  for (const query of [changes, inventory]) {
    expect(query).toContain('FileSystemPath == "/a\\" | take 0"')
    expect(query).toContain('Computer =~ "m\\\\"')
  }
})

test('moments are spans before now, or times', () => {
  const nowMs = at(6)
  expect(['2h', '30m', '2026-01-01T05:00:00Z'].map((text) => parseMoment(text, nowMs))).toEqual([
    at(4),
    at(6) - 1_800_000,
    at(5),
  ])
  expect(parseMoment('2026-01-01 05:00:00', nowMs)).toBe(new Date(2026, 0, 1, 5).getTime())
  for (const text of ['', 'yesterday', '2', '-2h', '2w', '2026-13-01', '1h; x']) {
    expect(() => parseMoment(text, nowMs)).toThrow('is no moment')
  }
})
