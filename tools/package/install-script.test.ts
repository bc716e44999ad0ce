import { spawnSync } from 'node:child_process'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { repository } from './facts.ts'
import { signFiles } from './signatures.ts'

// Goal: nothing is installed that is not what was published. Method: the script runs here with folders of packages that are no
// packages, so that it must stop before it installs; tests/package.test.ts sees it install.

const missing = process.getuid?.() === 0 ? undefined : 'not root'
const names = ['tidemark-agent_1.9.0_amd64.deb', 'tidemark-agent_1.10.0_amd64.deb', 'tidemark-agent_2.0.0_arm64.deb']

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-install-'))
  for (const name of names) writeFileSync(join(folder, name), name)
})
afterEach(() => rmSync(folder, { recursive: true }))

function install(...words: readonly string[]): { code: number | null; errors: string } {
  const script = join(repository, 'packaging/install.sh')
  const { status, stderr } = spawnSync('sh', [script, '--packages', folder, ...words], { encoding: 'utf8' })
  return { code: status, errors: stderr }
}

function keyFile(name: string, key: KeyObject): string {
  const path = join(folder, name)
  writeFileSync(path, key.export({ type: key.type === 'private' ? 'pkcs8' : 'spki', format: 'pem' }))
  return path
}

describe.skipIf(missing)(`the install script${missing ? ` (skipped: ${missing})` : ''}`, () => {
  test('the newest package is taken, and refused where it is not what the sums name', () => {
    signFiles(folder, [], undefined)
    writeFileSync(join(folder, 'tidemark-agent_1.10.0_amd64.deb'), 'another')
    expect(install()).toEqual({
      code: 1,
      errors: expect.stringContaining('tidemark-agent_1.10.0_amd64.deb is not what SHA256SUMS names'),
    })
  })

  test('a version that is not there is told', () => {
    signFiles(folder, [], undefined)
    expect(install('--version', '1.1')).toEqual({ code: 1, errors: expect.stringContaining('no deb package 1.1') })
    // A dot stands for itself.
    expect(install('--version', '1.9.0'.replace('.', 'x')).code).toBe(1)
  })

  test('sums that are not signed by the key are refused, before anything is read', () => {
    const [own, other] = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')]
    signFiles(folder, [], keyFile('own.pem', own.privateKey))
    const refused = install('--key', keyFile('other.pub', other.publicKey))
    expect(refused).toEqual({ code: 1, errors: expect.stringContaining('SHA256SUMS is not signed by the key') })
    // With the right key it gets as far as the package.
    writeFileSync(join(folder, 'tidemark-agent_1.10.0_amd64.deb'), 'another')
    const passed = install('--key', keyFile('own.pub', own.publicKey))
    expect(passed.errors).toContain('is not what SHA256SUMS names')
  })

  test.each([
    { words: ['--nonsense'], says: 'there is no --nonsense' },
    { words: ['--server'], says: 'install.sh --packages' },
  ])('$words are told as wrong', ({ words, says }) => {
    expect(install(...words)).toEqual({ code: 2, errors: expect.stringContaining(says) })
  })

  test('a folder without sums is told', () => {
    expect(install()).toEqual({ code: 1, errors: expect.stringContaining('SHA256SUMS cannot be had') })
  })
})
