import fc from 'fast-check'
import { expect, test } from 'vitest'

import { TriedMachine } from '../../testing/tried-machine.ts'
import { parseManifest } from './npm.ts'

test('global packages are seen where a rule asks for it, scopes included', async () => {
  using machine = new TriedMachine({
    'usr/lib/node_modules/npm/package.json':
      '{"name":"npm","version":"10.8.2","description":"a package manager","author":{"name":"GitHub Inc."}}',
    'usr/local/lib/node_modules/@scope/tool/package.json':
      '{"name":"@scope/tool","version":"1.0.0","author":"A <a@b>"}',
    'usr/local/lib/node_modules/.package-lock.json': '{}',
    'usr/local/lib/node_modules/npm/node_modules/inner/package.json': '{"version":"1"}',
    'opt/n/thing/package.json': '{"version":"2"}',
  })
  expect((await machine.look()).isComplete).toBe(false)
  const { items } = await machine.look(new Map(), { npm: true, npmFolders: ['/opt/n'] })
  expect(
    [...items].map(([key, { columns, coveredBy }]) => [key, columns.CurrentVersion, columns.Publisher, ...coveredBy]),
  ).toEqual([
    ['npm/usr/local/lib/node_modules/@scope/tool', '1.0.0', 'A <a@b>', 'software:npm'],
    ['npm/usr/lib/node_modules/npm', '10.8.2', 'GitHub Inc.', 'software:npm'],
    ['npm/opt/n/thing', '2', '', 'software:npm:/opt/n'],
  ])
})

test('a manifest that is damaged is told, and no text makes it throw', async () => {
  using machine = new TriedMachine({ 'usr/lib/node_modules/x/package.json': '{"version":' })
  const { gaps, unseen } = await machine.look(new Map(), { npm: true })
  expect(gaps[0]?.detail).toContain('/usr/lib/node_modules/x/package.json: ')
  expect([...(unseen ?? [])]).toEqual(['software:npm'])
  expect(parseManifest('{"version":1}')).toContain('version: ')
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void parseManifest(text)))
})
