import { readFileSync } from 'node:fs'

import { expect, test } from 'vitest'

import { agentErrorCodes } from './agent-error.ts'

test('the README explains each code and no other', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  expect([...readme.matchAll(/^\| `([a-z-]+)`/gm)].map(([, code]) => code)).toEqual([...agentErrorCodes])
})
