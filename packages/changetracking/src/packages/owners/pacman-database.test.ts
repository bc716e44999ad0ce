import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'

import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { openPackageFiles } from '../../host/package-files.ts'
import { parseApkFiles } from './apk-database.ts'
import { packageDatabases } from './databases.ts'
import { parseMtree, parsePacmanFiles } from './pacman-database.ts'

const roots = { pacman: '', apk: '' }
const hash = (algorithm: string, text: string, form: 'hex' | 'base64'): string =>
  createHash(algorithm).update(text).digest(form)

function put(root: string, path: string, bytes: string | Buffer): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), bytes)
}

beforeAll(() => {
  for (const name of ['pacman', 'apk'] as const) roots[name] = mkdtempSync(join(tmpdir(), `tidemark-${name}-`))
  const local = 'var/lib/pacman/local/quay-doc-1.0-2'
  put(
    roots.pacman,
    `${local}/files`,
    '%FILES%\netc/\netc/quay.conf\nusr/share/a b\nusr/share/link\n\n%BACKUP%\netc/quay.conf\tabc\n',
  )
  put(
    roots.pacman,
    `${local}/mtree`,
    gzipSync(
      `#mtree\n/set type=file uid=0 gid=0 mode=644\n./.PKGINFO time=1.0 size=1 sha256digest=${'0'.repeat(64)}\n./etc/quay.conf time=1.0 size=2 sha256digest=${hash('sha256', 'x', 'hex')}\n./usr/share/a\\040b time=1.0 size=1 sha256digest=${hash('sha256', 'b', 'hex')}\n./usr/share/link time=1.0 type=link link=b\n`,
    ),
  )
  const z = (text: string): string => `Q1${hash('sha1', text, 'base64')}`
  put(
    roots.apk,
    'lib/apk/db/installed',
    `C:Q1x=\nP:quay\nV:1.0-r2\nA:x86_64\nF:etc\nR:quay.conf\na:0:0:600\nZ:${z('x')}\nF:usr/bin\nR:quay\nZ:${z('b')}\nR:bare\n\nP:other\nV:2\nF:usr/lib\nR:so\nZ:${z('so')}\n\n`,
  )
})
afterAll(() => Object.values(roots).forEach((root) => rmSync(root, { recursive: true, force: true })))

test('pacman: owners, checksums from mtree, backups as configuration', () => {
  const [database] = packageDatabases(openPackageFiles(roots.pacman))
  const owned = database?.owners([
    '/etc/quay.conf',
    '/usr/share/a b',
    '/usr/share/link',
    '/usr/share/nobody',
    '/usr/share/a',
  ])
  const common = { package: 'quay-doc', version: '1.0-2' }
  expect([...(owned ?? [])]).toMatchObject([
    [
      '/etc/quay.conf',
      { ...common, isConfig: true, expected: { hex: hash('sha256', 'x', 'hex'), algorithm: 'sha256' } },
    ],
    ['/usr/share/a b', { ...common, isConfig: false, expected: { hex: hash('sha256', 'b', 'hex') } }],
    ['/usr/share/link', { ...common, expected: { kind: 'unknown' } }],
  ])
  expect([...(database?.files('quay-doc-1.0-2') ?? [])]).toHaveLength(4)
})

test('apk: owners and SHA-1, /etc as configuration', () => {
  const [database] = packageDatabases(openPackageFiles(roots.apk))
  expect(database?.packages().map(({ name, version }) => `${name} ${version}`)).toEqual(['quay 1.0-r2', 'other 2'])
  expect([...(database?.owners(['/etc/quay.conf', '/usr/bin/bare', '/usr/lib/so', '/x']) ?? [])]).toMatchObject([
    [
      '/etc/quay.conf',
      { package: 'quay', isConfig: true, expected: { hex: hash('sha1', 'x', 'hex'), algorithm: 'sha1' } },
    ],
    ['/usr/bin/bare', { package: 'quay', expected: { kind: 'unknown' } }],
    ['/usr/lib/so', { package: 'other', isConfig: false }],
  ])
  expect([...(database?.files('quay') ?? [])].map(([path]) => path)).toEqual([
    '/etc/quay.conf',
    '/usr/bin/quay',
    '/usr/bin/bare',
  ])
})

test('no text makes the readers throw', () => {
  const line = fc.constantFrom(
    'P:',
    'V:1',
    'F:etc',
    'R:x',
    'Z:Q1==',
    'Z:',
    '%FILES%',
    '%BACKUP%',
    './a sha256digest=',
    '',
    '\\777',
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(line, fc.string())), (lines) => {
      const text = lines.join('\n')
      parsePacmanFiles(text)
      parseMtree(text)
      for (const { path } of parseApkFiles(text)) expect(path === '' || path.startsWith('/')).toBe(true)
    }),
  )
})
