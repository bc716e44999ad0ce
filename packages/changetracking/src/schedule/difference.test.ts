import fc from 'fast-check'
import { expect, test } from 'vitest'

import type { Item } from '../collector.ts'
import { difference } from './difference.ts'

// Goal: one look's meaning equals that of a naive twin which knows the whole history. Method: random worlds of four
// paths, two entries that come and go, and folders that cannot be seen now and then.
// Mutants tried: judge by `now` instead of `before`; forget hidden items; `Removed` for what left the rule; `Added` for what
// was hidden before; a hidden folder that hides only itself. Each was found.

const item = (version: string, coveredBy: string[]): Item => ({ columns: { CurrentVersion: version }, coveredBy })
const collector = {
  change: (previous: Item | undefined, current: Item | undefined) =>
    previous?.columns.CurrentVersion === current?.columns.CurrentVersion
      ? undefined
      : { ChangeCategory: previous === undefined ? 'Added' : current === undefined ? 'Removed' : 'Modified' },
}

const paths = ['a/1', 'a/2', 'b/1', 'b/2']
const entries: Record<string, (path: string) => boolean> = { all: () => true, onlyA: (path) => path.startsWith('a/') }

const step = fc.record({
  world: fc.dictionary(fc.constantFrom(...paths), fc.constantFrom('1', '2'), { maxKeys: 4 }),
  now: fc.subarray(Object.keys(entries)),
  hidden: fc.option(fc.constantFrom('a', 'b'), { nil: undefined }),
})

test('it tells what a naive twin tells', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 8 }), (steps) => {
      let known = new Map<string, Item>()
      let before: string[] | undefined
      let hiddenBefore: string | undefined
      const twin = new Map<string, { version: string; by: string[] }>()
      for (const { world, now, hidden } of steps) {
        const isHidden = (path: string): boolean => hidden !== undefined && path.startsWith(`${hidden}/`)
        const coverOf = (path: string): string[] => now.filter((name) => entries[name]?.(path))
        const seen = Object.entries(world).filter(([path]) => !isHidden(path) && coverOf(path).length > 0)
        const collection = {
          items: new Map(seen.map(([path, version]) => [path, item(version, coverOf(path))])),
          gaps:
            hidden === undefined ? [] : [{ reason: 'unreadable' as const, subject: hidden, detail: 'x', key: hidden }],
          isComplete: true,
        }
        const result = difference(collector, {
          known,
          collection,
          before,
          now,
          hiddenBefore: hiddenBefore === undefined ? [] : [hiddenBefore],
        })
        const expected: string[] = []
        for (const path of paths) {
          if (isHidden(path)) continue
          const then = twin.get(path)
          const by = coverOf(path)
          const version = by.length > 0 ? world[path] : undefined
          if (version === undefined) {
            if (then?.by.some((name) => now.includes(name))) expected.push('Removed')
            twin.delete(path)
          } else {
            const mayBeOld = then === undefined && hiddenBefore !== undefined && path.startsWith(`${hiddenBefore}/`)
            if (by.some((name) => before?.includes(name)) && then?.version !== version && !mayBeOld)
              expected.push(then === undefined ? 'Added' : 'Modified')
            twin.set(path, { version, by })
          }
        }
        expect(result.changes.map(({ columns }) => columns.ChangeCategory).sort()).toEqual(expected.sort())
        for (const { key, item: updated } of result.updates) {
          if (updated) known.set(key, updated)
          else known.delete(key)
        }
        expect(known).toEqual(result.items)
        expect([...known].map(([path, one]) => [path, one.columns.CurrentVersion]).sort()).toEqual(
          [...twin].map(([path, { version }]) => [path, version]).sort(),
        )
        known = new Map(known)
        before = now
        hiddenBefore = hidden
      }
    }),
    { numRuns: 1_000 },
  )
})
