import { expect, test } from 'vitest'

import { parsePrefer } from './prefer.ts'

test.each([
  [undefined, {}],
  ['wait=30', { waitMs: 30_000 }],
  ['wait=0', {}],
  ['wait=soon', {}],
  ['include-statistics=true,include-render=true', { hasStatistics: true, hasRender: true }],
  [' Wait=5 ; Include-Statistics=TRUE', { waitMs: 5_000, hasStatistics: true }],
  ['include-render=false, respond-async, constructor=1', {}],
])('%s', (header, expected) => {
  expect(parsePrefer(header)).toEqual({ hasStatistics: false, hasRender: false, ...expected })
})
