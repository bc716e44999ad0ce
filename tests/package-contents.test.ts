import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type Binaries, binariesOf } from '../tools/package/binaries.ts'
import { layOutTree } from '../tools/package/package-tree.ts'
import { machineOf } from '../tools/package/trim-elf.ts'
import { buildPackage } from './package/built-package.ts'

// Goal: the packages hold what they must, and nothing else. Method: dpkg-deb and rpm list what was built; of arm64 every
// executable is looked at, for nothing of it runs here.

const hasRpm = ['rpmbuild', 'rpm'].every((program) => isThere(program))
let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-packages-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const tool = (program: string, ...words: readonly string[]): string =>
  execFileSync(program, words, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })

describe('the Debian package', () => {
  let deb = ''
  beforeAll(() => {
    deb = buildPackage(folder, '3.2.1')
  })

  test('tells what it is', () => {
    const field = (name: string): string => tool('dpkg-deb', '-f', deb, name).trim()
    expect([field('Package'), field('Version'), field('Architecture')]).toEqual(['tidemark-agent', '3.2.1', 'amd64'])
    expect(field('Depends')).toContain('libc6 (>= 2.28)')
    expect(field('Maintainer')).toMatch(/^[^<]+ <[^@]+@[^>]+>$/)
    expect(field('Description').split('\n').length).toBeGreaterThan(2)
    expect(
      field('Description')
        .split('\n')
        .every((line) => line.length <= 80),
    ).toBe(true)
    expect(Number(field('Installed-Size'))).toBeGreaterThan(50_000)
  })

  test('all belongs to root, nothing can be written by others, and only programs can be run', () => {
    const lines = tool('dpkg-deb', '-c', deb).trim().split('\n')
    const files = lines.map((line) => {
      const [mode = '', owner, , , , path = ''] = line.split(/\s+/)
      return { mode, owner, path: path.replace(/^\./, '') }
    })
    expect(new Set(files.map(({ owner }) => owner))).toEqual(new Set(['root/root']))
    expect(files.filter(({ mode }) => /^.....w|^........w|^...s|^......s/.test(mode))).toEqual([])
    const programs = files.filter(({ mode }) => /^-..x/.test(mode)).map(({ path }) => path)
    expect(programs.sort()).toEqual(['/usr/bin/tidemark', '/usr/lib/tidemark/bin/node'])
    const places = new Set(
      files.filter(({ mode }) => mode.startsWith('-')).map(({ path }) => path.split('/').slice(0, 4).join('/')),
    )
    expect([...places].sort()).toEqual([
      '/usr/bin/tidemark',
      '/usr/lib/systemd',
      '/usr/lib/tidemark',
      '/usr/lib/tmpfiles.d',
      '/usr/share/doc',
      '/usr/share/tidemark',
    ])
    expect(files.some(({ path }) => /chdb|portal|clickhouse|\.ts$|\.test\.|musl/.test(path))).toBe(false)
  })

  test('its scripts are such that every sh reads them, and stop at the first failure', () => {
    const control = join(folder, 'control')
    mkdirSync(control)
    tool('dpkg-deb', '-e', deb, control)
    for (const name of ['preinst', 'postinst', 'prerm', 'postrm']) {
      expect(readFileSync(join(control, name), 'utf8')).toMatch(/^#!\/bin\/sh\nset -e\n/)
      expect(readFileSync(join(control, name), 'utf8')).not.toMatch(/@[a-z-]+@/)
      tool('sh', '-n', join(control, name))
    }
    expect(readdirSync(control).sort()).toEqual(['control', 'postinst', 'postrm', 'preinst', 'prerm'])
  })

  test('a second build gives the same bytes', () => {
    const before = readFileSync(deb)
    expect(buildPackage(folder, '3.2.1')).toBe(deb)
    expect(readFileSync(deb).equals(before)).toBe(true)
  })
})

describe.skipIf(!hasRpm)(`the RPM package${hasRpm ? '' : ' (skipped: no rpmbuild)'}`, () => {
  let rpm = ''
  beforeAll(() => {
    rpm = buildPackage(folder, '3.2.1', 'rpm')
  })

  test('tells what it is, and holds what the Debian package holds', () => {
    const said = tool('rpm', '-qp', '--qf', '%{NAME} %{VERSION} %{RELEASE} %{ARCH} %{LICENSE} %{BUILDHOST}', rpm)
    expect(said).toBe('tidemark-agent 3.2.1 1 x86_64 Apache-2.0 AND MIT tidemark')
    const files = tool('rpm', '-qpl', rpm).trim().split('\n')
    for (const path of ['/usr/bin/tidemark', '/usr/lib/tidemark/bin/node', '/usr/lib/tidemark/program/tidemark.js'])
      expect(files).toContain(path)
    expect(files.filter((path) => path.endsWith('.service'))).toHaveLength(2)
    const owners = tool('rpm', '-qp', '--qf', '[%{FILEUSERNAME}:%{FILEGROUPNAME}\n]', rpm).trim().split('\n')
    expect(new Set(owners)).toEqual(new Set(['root:root']))
  })

  test('its scripts are such that every sh reads them', () => {
    for (const name of ['PREIN', 'POSTIN', 'PREUN', 'POSTUN', 'POSTTRANS']) {
      const text = tool('rpm', '-qp', '--qf', `%{${name}}`, rpm)
      expect(text).not.toMatch(/@[a-z-]+@|\(none\)/)
      const path = join(folder, name)
      writeFileSync(path, text)
      tool('sh', '-n', path)
    }
  })

  test('it can be installed below another root, from nothing', () => {
    const root = join(folder, 'root')
    mkdirSync(root)
    tool('rpm', '--root', root, '--initdb')
    tool('rpm', '--root', root, '-i', '--nodeps', '--noscripts', rpm)
    expect(tool('rpm', '--root', root, '-V', '--nodeps', '--noscripts', 'tidemark-agent')).toBe('')
    expect(statSync(join(root, 'usr/lib/tidemark/bin/node')).mode & 0o777).toBe(0o755)
  })
})

const [binaries, whyNone] = arm64Binaries()

describe.skipIf(binaries === undefined)(`arm64${whyNone}`, () => {
  test('every executable is for arm64, and there are Node and koffi', () => {
    const tree = join(folder, 'arm64')
    const program = join(folder, 'program')
    mkdirSync(program, { recursive: true })
    layOutTree({ tree, program, notices: [], binaries: binaries! })
    const executables = readdirSync(tree, { recursive: true, encoding: 'utf8' })
      .filter((path) => statSync(join(tree, path)).isFile())
      .map((path) => ({ path, bytes: readFileSync(join(tree, path)) }))
      .filter(({ bytes }) => bytes.subarray(0, 4).toString('latin1') === '\x7fELF')
    expect(executables.map(({ bytes }) => machineOf(bytes))).toEqual(['arm64', 'arm64'])
    expect(executables.map(({ path }) => path.split('/').at(-1)).sort()).toEqual(['koffi.node', 'node'])
  })
})

/** Of the registry, where that can be reached. */
function arm64Binaries(): [Binaries | undefined, string] {
  try {
    return [binariesOf('arm64'), '']
  } catch (error) {
    return [undefined, ` (skipped: ${error instanceof Error ? error.message.split('\n')[0] : 'no binaries'})`]
  }
}

function isThere(program: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((each) => {
    return statSync(join(each, program), { throwIfNoEntry: false }) !== undefined
  })
}
