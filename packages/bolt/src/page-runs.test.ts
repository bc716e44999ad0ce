import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { PageRuns } from './page-runs.ts'

// Goal: every page reaches its place in the file with its own bytes, neighbours together.
// Mutants caught here: what is left at the end not written; a room not zeroed before it serves again; a gap written over.

const PAGE = 1024

test('pages end up where they belong, whatever their order', () => {
  const step = fc.record({ gap: fc.constantFrom(0, 0, 0, 1, 5), pageCount: fc.constantFrom(1, 1, 1, 2, 300) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), fc.boolean(), (steps, isBackwards) => {
      const file = new Map<number, number>()
      const runs = new PageRuns(PAGE, (bytes, id) => {
        for (let i = 0; i < bytes.length / PAGE; i++) {
          expect(file.has(id + i)).toBe(false)
          file.set(id + i, bytes[i * PAGE] ?? -1)
        }
      })
      let id = 2
      const pages = steps.map(({ gap, pageCount }) => {
        const first = id + gap
        id = first + pageCount
        return { first, pageCount }
      })
      const expected = new Map<number, number>()
      for (const { first, pageCount } of isBackwards ? pages.toReversed() : pages) {
        const bytes = runs.add(first, pageCount)
        expect(bytes).toHaveLength(pageCount * PAGE)
        expect(bytes.every((byte) => byte === 0)).toBe(true)
        for (let i = 0; i < pageCount; i++) {
          bytes[i * PAGE] = (first + i) % 251
          expected.set(first + i, (first + i) % 251)
        }
      }
      runs.flush()
      expect(file).toEqual(expected)
    }),
  )
})

test('neighbours are stored with one write', () => {
  const writes: string[] = []
  const runs = new PageRuns(PAGE, (bytes, id) => writes.push(`${id}: ${bytes.length / PAGE}`))
  for (const id of [2, 3, 4, 5, 9, 10]) runs.add(id, 1)
  runs.flush()
  runs.flush()
  expect(writes).toEqual(['2: 4', '9: 2'])
})
