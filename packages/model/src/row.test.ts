import { readFileSync } from 'node:fs'

import { expect, test } from 'vitest'

import { visibilityReasons } from './row.ts'

test('the document explains each reason and no other', () => {
  const document = readFileSync(new URL('../../../docs/formats/visibility.md', import.meta.url), 'utf8')
  expect([...document.matchAll(/^\| `([a-z-]+)` /gm)].map(([, reason]) => reason)).toEqual([...visibilityReasons])
})
