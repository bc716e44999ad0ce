import { readFileSync } from 'node:fs'

import { expect, test } from 'vitest'

import { ServerError, serverErrorCodes } from './server-error.ts'

test('the README’s table has every code, and no other', () => {
  const text = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const errors = text.slice(text.indexOf('## Errors'))
  expect([...errors.matchAll(/^\| `([a-z-]+)`/gm)].map(([, code]) => code)).toEqual([...serverErrorCodes])
})

test('an error keeps its code and its cause', () => {
  const cause = new Error('why')
  expect(new ServerError('store-failed', 'what', { cause })).toMatchObject({ code: 'store-failed', cause })
})
