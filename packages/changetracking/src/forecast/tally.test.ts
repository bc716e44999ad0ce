import fc from 'fast-check'
import { expect, test } from 'vitest'

import { type Counted, LARGEST_MAX, pathsOf, TallyCounter } from './tally.ts'

const counted = fc.record({
  kind: fc.constantFrom('file', 'file', 'folder', 'link', 'other'),
  bytes: fc.nat(20),
  isRead: fc.boolean(),
  isKept: fc.boolean(),
})

// Mutants that failed here: the largest inserted behind smaller ones, a sixth one kept, bytes of links counted.
test('counts as one who keeps everything and counts at the end', () => {
  fc.assert(
    fc.property(fc.array(counted, { maxLength: 30 }), (all) => {
      const counter = new TallyCounter()
      all.forEach((each, index) => counter.count({ ...each, path: () => `/${index}` } satisfies Counted))
      const of = (kind: string) => all.filter((each) => each.kind === kind)
      const sum = (some: typeof all) => ({
        files: some.length,
        bytes: some.reduce((sofar, { bytes }) => sofar + bytes, 0),
      })
      const files = of('file')
      const { largest, ...tally } = counter.tally
      expect(tally).toEqual({
        files: files.length,
        folders: of('folder').length,
        links: of('link').length,
        others: of('other').length,
        bytes: sum(files).bytes,
        read: sum(files.filter(({ isRead }) => isRead)),
        kept: sum(files.filter(({ isKept }) => isKept)),
      })
      const sizes = files
        .map(({ bytes }) => bytes)
        .filter(Boolean)
        .toSorted((a, b) => b - a)
      expect(largest.map(({ bytes }) => bytes)).toEqual(sizes.slice(0, LARGEST_MAX))
      for (const { path, bytes } of largest) expect(all[Number(path.slice(1))]).toMatchObject({ kind: 'file', bytes })
      expect(pathsOf(counter.tally)).toBe(all.length)
    }),
  )
})
