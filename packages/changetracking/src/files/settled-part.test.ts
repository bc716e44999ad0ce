import { expect, test } from 'vitest'

import type { ChangeColumns } from '../collector.ts'
import type { Findings } from './scan/findings.ts'
import { AGAIN_MAX, settledPart } from './settled-part.ts'

const half: ChangeColumns = {
  PackageVerdict: 'cannot say',
  PackageVerdictNote: 'dpkg was at work when the file was looked at',
}

function findings(changes: Readonly<Record<string, ChangeColumns>>): Findings {
  return {
    changes: Object.entries(changes).map(([path, columns]) => ({ path, columns, matches: [0] })),
    updates: [...Object.keys(changes), '/quiet'].map((path) => ({ path, stamp: Buffer.alloc(1), value: '{}' })),
    contents: [],
  }
}
const pathsOf = (part: readonly { readonly path: string }[]): string[] => part.map(({ path }) => path)

test('what was met in the middle of a package is not kept, and is looked at again', () => {
  const found = findings({
    '/half': half,
    '/whole': { PackageVerdict: 'matches package' },
    '/unread': { PackageVerdict: 'cannot say', PackageVerdictNote: 'the database of rpm cannot be read: EIO' },
  })
  const { kept, again } = settledPart(found, 0)
  expect(again).toEqual(['/half'])
  expect(pathsOf(kept.changes)).toEqual(['/whole', '/unread'])
  expect(pathsOf(kept.updates)).toEqual(['/whole', '/unread', '/quiet'])
})

test('a rename is kept as it was found', () => {
  const found = findings({ '/new': { ...half, PreviousFileSystemPath: '/old' } })
  expect(settledPart(found, 0)).toEqual({ kept: found, again: [] })
})

test('what is beyond the limit is kept as it is', () => {
  const found = findings({ '/a': half, '/b': half })
  expect(settledPart(found, AGAIN_MAX - 1).again).toEqual(['/a'])
  expect(settledPart(found, AGAIN_MAX)).toEqual({ kept: found, again: [] })
})
