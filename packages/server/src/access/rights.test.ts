import { expect, test } from 'vitest'

import { rights, rightsOf, rightsOfScopes, scopes } from './rights.ts'

test('the admin has every right, a reader none but reading, anybody else none', () => {
  expect(rightsOf('admin')).toEqual(rights)
  expect(rightsOf('reader')).toEqual(['read', 'rules:read'])
  for (const holder of [undefined, '', 'Admin', 'constructor', '__proto__']) expect(rightsOf(holder)).toEqual([])
})

test.each([
  ['read', ['read', 'rules:read']],
  ['ingest', ['ingest']],
  ['rules', ['rules:read', 'rules:write']],
  ['content', ['content:read']],
  ['content:unredacted', ['content:read', 'content:read-unredacted']],
  ['admin', rights],
  ['constructor', []],
  ['', []],
])('the scope %s allows %j', (scope, allowed) => {
  expect(rightsOfScopes([scope])).toEqual(allowed)
})

test('several scopes allow what each of them allows, and only admin allows to make tokens', () => {
  expect(rightsOfScopes(['ingest', 'read'])).toEqual(['read', 'rules:read', 'ingest'])
  const others = scopes.filter((scope) => scope !== 'admin')
  expect(rightsOfScopes(others)).not.toContain('access:write')
})
