import { execFileSync } from 'node:child_process'
import { generateKeyPairSync, verify } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { signFiles } from './signatures.ts'

let out = ''
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'tidemark-sign-'))
  writeFileSync(join(out, 'a.deb'), 'package a')
  writeFileSync(join(out, 'b.rpm'), 'package b')
})
afterEach(() => rmSync(out, { recursive: true }))

test('sums are as sha256sum checks them, and hold every package of the folder', () => {
  signFiles(out, [join(out, 'a.deb')], undefined)
  expect(execFileSync('sha256sum', ['-c', 'SHA256SUMS'], { cwd: out, encoding: 'utf8' })).toBe('a.deb: OK\nb.rpm: OK\n')
})

test('each file that was built and the sums are signed, by the key that is given', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const keyFile = join(out, 'key.pem')
  writeFileSync(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }))
  signFiles(out, [join(out, 'a.deb')], keyFile)
  for (const name of ['a.deb', 'SHA256SUMS']) {
    const signature = Buffer.from(readFileSync(join(out, `${name}.sig`), 'utf8'), 'base64')
    expect(verify(undefined, readFileSync(join(out, name)), publicKey, signature)).toBe(true)
    expect(verify(undefined, Buffer.from('another'), publicKey, signature)).toBe(false)
  }
})

test.each([
  { name: 'no key', text: () => 'nonsense', says: 'is no private key' },
  {
    name: 'a key of another kind',
    text: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    says: 'is no Ed25519 key',
  },
])('$name is refused', ({ text, says }) => {
  writeFileSync(join(out, 'key.pem'), text())
  expect(() => signFiles(out, [], join(out, 'key.pem'))).toThrow(says)
})
