import { readFileSync } from 'node:fs'

import { expect, test } from 'vitest'

import { changeTrackingErrorCodes } from './change-tracking-error.ts'

test('the README explains each code and no other', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const [, table = ''] = readme.split('Errors are `ChangeTrackingError`')
  expect([...table.matchAll(/^\| `([a-z-]+)`/gm)].map(([, code]) => code)).toEqual([...changeTrackingErrorCodes])
})
