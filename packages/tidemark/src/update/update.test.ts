// Goal: only what is signed by this machine's key, meant for this machine and no step back is installed, and what cannot be installed
// leaves the version of before. Method: dpkg itself with a database below a folder, packages made and signed here, the command as
// people type it. Mutants tried: the signature not checked, the hash alone believed, the file read again after it was checked.
import { execFileSync } from 'node:child_process'
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { Command } from 'commander'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { terminalOf } from '../terminal/terminal.ts'
import { dpkgInstaller } from './host/dpkg-and-rpm.ts'
import { updateCommand } from './update.ts'

const hasDpkg = existsSync('/usr/bin/dpkg-deb')
const own = hasDpkg ? execFileSync('dpkg', ['--print-architecture'], { encoding: 'utf8' }).trim() : ''
const pair = generateKeyPairSync('ed25519')
const other = generateKeyPairSync('ed25519')

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-update-'))
  for (const name of ['var/lib/dpkg/info', 'var/lib/dpkg/updates', 'var/log'])
    mkdirSync(join(folder, name), { recursive: true })
  for (const name of ['status', 'available']) writeFileSync(join(folder, 'var/lib/dpkg', name), '')
  writeFileSync(join(folder, 'update.pub'), pair.publicKey.export({ type: 'spki', format: 'pem' }))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

interface Plan {
  readonly version: string
  readonly name?: string
  readonly architecture?: string
  /** Fails when it is installed. */
  readonly isBroken?: boolean
  readonly key?: typeof pair
}

/** Makes a package with its signature; its path. */
function build({ version, name = 'tidemark-agent', architecture = own, isBroken = false, key = pair }: Plan): string {
  const tree = join(folder, 'built', `${name}-${version}-${architecture}`)
  mkdirSync(join(tree, 'DEBIAN'), { recursive: true })
  mkdirSync(join(tree, 'usr/share'), { recursive: true })
  writeFileSync(join(tree, 'usr/share/tidemark-version'), version)
  writeFileSync(
    join(tree, 'DEBIAN/control'),
    `Package: ${name}\nVersion: ${version}\nArchitecture: ${architecture}\nMaintainer: A <a@example.org>\nDescription: made by a test\n`,
  )
  if (isBroken) writeFileSync(join(tree, 'DEBIAN/preinst'), '#!/bin/sh\nexit 1\n', { mode: 0o755 })
  const path = `${tree}.deb`
  execFileSync('dpkg-deb', ['--root-owner-group', '--build', tree, path], { stdio: 'pipe' })
  writeFileSync(`${path}.sig`, `${sign(undefined, readFileSync(path), key.privateKey).toString('base64')}\n`)
  return path
}

function update(path: string, ...words: readonly string[]): { kind: string; reason?: string; code: number } {
  let [text, code] = ['', 0]
  const terminal = terminalOf({
    out: { write: (said: string) => (text += said) },
    error: { write: () => undefined },
    environment: {},
  })
  const context = {
    terminal,
    environment: {},
    folder,
    signal: new AbortController().signal,
    setExitCode: (one: number) => (code = one),
  }
  const dpkg = () => dpkgInstaller([`--root=${folder}`, '--force-not-root', '--force-script-chrootless'])
  const program = new Command().exitOverride().addCommand(updateCommand(context, dpkg))
  const places = ['--key', 'update.pub', '--vault', 'vault', '--json']
  program.parse(['update', path, ...places, ...words], { from: 'user' })
  return { ...JSON.parse(text), code }
}

const installed = (): string => {
  const path = join(folder, 'usr/share/tidemark-version')
  return existsSync(path) ? readFileSync(path, 'utf8') : 'nothing'
}

describe.skipIf(!hasDpkg)(`with dpkg${hasDpkg ? '' : ' (skipped: no dpkg-deb)'}`, () => {
  test('a package that is signed is installed, and the next one after it', () => {
    expect(update(build({ version: '1.0.0' }))).toMatchObject({ kind: 'installed', version: '1.0.0', code: 0 })
    expect(update(build({ version: '1.0.0' }))).toMatchObject({ kind: 'there-already', code: 0 })
    const next = build({ version: '1.1.0' })
    const sha256 = createHash('sha256').update(readFileSync(next)).digest('hex')
    expect(update(next, '--sha256', sha256)).toMatchObject({ kind: 'installed', before: '1.0.0', version: '1.1.0' })
    expect(installed()).toBe('1.1.0')
  })

  test.each([
    { what: 'another key', plan: { version: '2.0.0', key: other }, said: 'not by the key' },
    {
      what: 'another architecture',
      plan: { version: '2.0.0', architecture: own === 'arm64' ? 'amd64' : 'arm64' },
      said: 'this machine is',
    },
    { what: 'another package', plan: { version: '2.0.0', name: 'coreutils' }, said: 'only tidemark-agent' },
    { what: 'an older version', plan: { version: '0.9.0' }, said: 'a step back' },
  ])('$what is refused, and nothing is touched', ({ plan, said }) => {
    update(build({ version: '1.0.0' }))
    expect(update(build(plan))).toMatchObject({ kind: 'refused', reason: expect.stringContaining(said), code: 1 })
    expect(installed()).toBe('1.0.0')
  })

  test('a step back is taken where it is asked for', () => {
    update(build({ version: '1.0.0' }))
    expect(update(build({ version: '0.9.0' }), '--allow-downgrade')).toMatchObject({
      kind: 'installed',
      before: '1.0.0',
    })
    expect(installed()).toBe('0.9.0')
  })

  test('a file that is cut at any place, or has one bit turned, is refused', () => {
    const path = build({ version: '1.0.0' })
    const whole = readFileSync(path)
    for (const at of [0, 1, 8, 60, 132, Math.floor(whole.length / 2), whole.length - 1]) {
      writeFileSync(path, whole)
      truncateSync(path, at)
      expect(update(path)).toMatchObject({ kind: 'refused', code: 1 })
      const turned = Buffer.from(whole)
      turned.writeUInt8(turned.readUInt8(at) ^ 1, at)
      writeFileSync(path, turned)
      expect(update(path)).toMatchObject({ kind: 'refused', code: 1 })
    }
    expect(installed()).toBe('nothing')
  })

  test.each([
    { words: ['--sha256', '0'.repeat(64)], said: 'its SHA-256 is' },
    { words: ['--signature', 'empty'], said: 'the signature is none' },
    { words: ['--key', 'empty'], said: 'no Ed25519 key' },
  ])('with $words it is refused', ({ words, said }) => {
    writeFileSync(join(folder, 'empty'), '')
    expect(update(build({ version: '1.0.0' }), ...words)).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining(said),
    })
  })

  test('what cannot be installed leaves the version of before', () => {
    update(build({ version: '1.0.0' }))
    const done = update(build({ version: '1.1.0', isBroken: true }))
    expect(done).toMatchObject({ kind: 'failed', isRolledBack: true, code: 3 })
    expect(installed()).toBe('1.0.0')
  })
})
