import { expect, test } from 'vitest'

import { FIRST_LOAD_BYTES_MAX, firstLoad, isBuilt } from './first-load.ts'

test.skipIf(!isBuilt)(`the first load fits${isBuilt ? '' : ' (skipped: the portal is not built)'}`, () => {
  const files = firstLoad()
  // The page, its script and its styles at least: fewer would mean that nothing was found in the page.
  expect(files.size).toBeGreaterThan(2)
  expect([...files.keys()].some((name) => name.includes('content-tab'))).toBe(false)
  const total = [...files.values()].reduce((sum, size) => sum + size, 0)
  expect(total).toBeGreaterThan(50_000)
  expect(total).toBeLessThan(FIRST_LOAD_BYTES_MAX)
})
