import fc from 'fast-check'
import { expect, test } from 'vitest'

import { type Found, mergeOf, naiveMerge } from '../../testing/merge-twin.ts'

// Mutants that failed here: `missing` left out; hidden prefixes forgotten too early; `path` blindness that hides the path
// alone; the cursor not moved on after a path that is blind.

const name = fc.constantFrom('a', 'a-b', 'b')
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => `/${names.join('/')}`)
const event: fc.Arbitrary<Found> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ path, what: fc.constant('found' as const), isSame: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ path, what: fc.constantFrom('path' as const, 'contents' as const) }) },
)

test('a merge tells what two sets that are compared one by one tell', () => {
  fc.assert(
    fc.property(fc.uniqueArray(path), fc.uniqueArray(event, { selector: (one) => one.path }), (known, events) => {
      expect(mergeOf(known, events)).toEqual(naiveMerge(known, events))
    }),
    { numRuns: 3_000 },
  )
})
