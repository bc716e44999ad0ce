import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { ManualClock } from '@tidemark/base/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { serverSettings } from '../../settings.ts'
import { isLoopback, serverTls } from './server-tls.ts'

let folder = ''
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'tidemark-tls-'))))
afterEach(() => rmSync(folder, { recursive: true }))

const tlsOf = (more: object) => serverTls(serverSettings.parse({ stateFolder: folder, ...more }), new ManualClock())

test.each([
  ['127.0.0.1', true],
  ['127.1.2.3', true],
  ['::1', true],
  ['localhost', true],
  ['0.0.0.0', false],
  ['::', false],
  ['10.0.0.1', false],
  ['localhost.example', false],
  ['127.evil.example', false],
])('%s is the loopback: %s', (host, expected) => {
  expect(isLoopback(host)).toBe(expected)
})

test('plain HTTP only on the loopback, or where it is asked for', () => {
  expect([tlsOf({}), tlsOf({ host: '0.0.0.0', tls: 'off' })]).toEqual([undefined, undefined])
  expect(tlsOf({ host: '0.0.0.0' })).toMatchObject({ isOwn: true })
  expect(tlsOf({ tls: 'on' })).toMatchObject({ isOwn: true })
})

test('the own certificate is made once, and only its owner reads the key', () => {
  const first = tlsOf({ host: '0.0.0.0' })
  expect(tlsOf({ host: '0.0.0.0' })?.fingerprint).toBe(first?.fingerprint)
  expect(statSync(join(folder, 'tls.key')).mode & 0o777).toBe(0o600)
})

test('files that are missing, or do not belong together, are told with their names', () => {
  const tls = { certificate: join(folder, 'a.crt'), key: join(folder, 'a.key') }
  expect(() => tlsOf({ tls })).toThrow(
    expect.objectContaining({ code: 'tls-unusable', message: expect.stringContaining('a.crt') }),
  )
  tlsOf({ tls: 'on' })
  writeFileSync(tls.key, 'no key')
  const mixed = { certificate: join(folder, 'tls.crt'), key: tls.key }
  expect(() => tlsOf({ tls: mixed })).toThrow(expect.objectContaining({ code: 'tls-unusable' }))
})
