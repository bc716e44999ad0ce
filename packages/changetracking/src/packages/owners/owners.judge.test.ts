import { execFileSync, spawnSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { systemClock } from '@tidemark/base'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { openPackageFiles } from '../../host/package-files.ts'
import { installDebs } from '../../testing/built-debs.ts'
import { type VerifiedFile, verifyPackages } from '../verdicts/verify.ts'
import { packageDatabases } from './databases.ts'

// Goal: owners and verdicts are those of the package managers' own programs. Method: packages that are built here and installed
// by dpkg and rpm into roots of their own, then harmed; dpkg --verify, dpkg -S, debsums and rpm -Va judge.

const isRoot = process.getuid?.() === 0
const whyNot = (...programs: string[]): string | undefined =>
  isRoot ? programs.find((program) => !existsSync(`/usr/bin/${program}`)) : 'root'
const { signal } = new AbortController()

async function verified(root: string, paths: readonly string[] = []): Promise<VerifiedFile[]> {
  const files: VerifiedFile[] = []
  const { gaps } = await verifyPackages({
    root,
    paths,
    clock: systemClock,
    signal,
    onFile: (file) => files.push(file),
    onProgress: () => undefined,
  })
  expect(gaps).toEqual([])
  return files
}

const different = (files: readonly VerifiedFile[]): string[] =>
  files
    .filter(({ verdict }) => verdict === 'differs from package' || verdict === 'conffile edited')
    .map(({ path }) => path)
    .sort()

/** The paths in what `dpkg --verify` and `rpm -Va` print, `??5?????? c /etc/a` and `missing     /etc/a`. */
const judged = (output: string): string[] =>
  output
    .split('\n')
    .filter((line) => /^(?:missing|..5)/.test(line))
    .map((line) => line.slice(line.indexOf('/')))
    .sort()

const noDpkg = whyNot('dpkg', 'dpkg-deb')
describe.skipIf(noDpkg)(`dpkg${noDpkg ? ` (skipped: no ${noDpkg})` : ''}`, () => {
  let root = ''
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'tidemark-dpkg-'))
    mkdirSync(join(root, 'usr/bin'), { recursive: true })
    // As on every Debian since 12: packages may say /bin, and the file is in /usr/bin.
    symlinkSync('usr/bin', join(root, 'bin'))
    const names = Array.from({ length: 40 }, (_, index) => `/usr/share/many/${index}`)
    installDebs(root, [
      { name: 'many', files: Object.fromEntries(names.map((name) => [name, name])) },
      {
        name: 'merged',
        files: { '/bin/tool': 'tool', '/usr/bin/other': 'other', '/etc/merged.conf': 'a = 1\n' },
        conffiles: ['/etc/merged.conf'],
      },
      { name: 'bare', files: { '/usr/share/bare': 'bare', '/usr/share/ä b': 'x' }, hasSums: false },
    ])
    const divert = (by: string, path: string): void =>
      void execFileSync(
        'dpkg-divert',
        ['--root', root, '--package', by, '--divert', `${path}.real`, '--rename', path],
        { stdio: 'pipe' },
      )
    divert('taker', '/usr/bin/other')
    installDebs(root, [{ name: 'taker', files: { '/usr/bin/other': 'taken' } }])
  }, 60_000)
  afterAll(() => rmSync(root, { recursive: true, force: true }))

  const dpkg = (...words: string[]): string =>
    spawnSync('dpkg', [`--root=${root}`, ...words], { encoding: 'utf8' }).stdout

  test('as installed, all match', async () => {
    const files = await verified(root)
    expect(different(files)).toEqual([])
    expect(judged(dpkg('--verify'))).toEqual([])
    // dpkg makes checksums itself where a package has none; earlier versions did not.
    expect(files.filter(({ verdict }) => verdict === 'matches package')).toHaveLength(46)
    rmSync(join(root, 'var/lib/dpkg/info/bare.md5sums'))
    expect((await verified(root)).find(({ path }) => path === '/usr/share/bare')).toMatchObject({
      verdict: 'cannot say',
      note: 'its package brought no checksums',
    })
  })

  test('a file’s owner is that of dpkg -S, through diversions and merged folders', () => {
    const [database] = packageDatabases(openPackageFiles(root))
    const paths = [
      '/usr/bin/tool',
      '/bin/tool',
      '/usr/bin/other',
      '/usr/bin/other.real',
      '/usr/share/many/7',
      '/etc/merged.conf',
      '/usr/share/nobody',
      '/usr/share/many/77',
    ]
    const owned = database?.owners(paths)
    expect(paths.map((path) => owned?.get(path)?.package)).toEqual([
      'merged',
      'merged',
      'taker',
      'merged',
      'many',
      'merged',
      undefined,
      undefined,
    ])
    expect(dpkg('-S', '/usr/share/many/7')).toBe('many: /usr/share/many/7\n')
    const odd = Buffer.from('/usr/share/ä b').toString('latin1')
    expect(database?.owners([odd]).get(odd)?.package).toBe('bare')
  })

  test('what was harmed differs, as dpkg and debsums say, and an edited conffile is told as one', async () => {
    appendFileSync(join(root, 'usr/share/many/3'), 'x')
    rmSync(join(root, 'usr/share/many/4'))
    rmSync(join(root, 'usr/share/many/5'))
    symlinkSync('3', join(root, 'usr/share/many/5'))
    appendFileSync(join(root, 'usr/bin/tool'), 'x')
    appendFileSync(join(root, 'usr/bin/other.real'), 'x')
    appendFileSync(join(root, 'etc/merged.conf'), 'a = 2\n')
    writeFileSync(join(root, 'usr/share/many/new'), 'x')
    const files = await verified(root)
    expect(different(files)).toEqual([
      '/etc/merged.conf',
      '/usr/bin/other.real',
      '/usr/bin/tool',
      ...[3, 4, 5].map((number) => `/usr/share/many/${number}`),
    ])
    expect(files.filter(({ verdict }) => verdict === 'conffile edited').map(({ path }) => path)).toEqual([
      '/etc/merged.conf',
    ])
    // dpkg names a file as its package does, follows links, and knows of no diversion where it verifies another root.
    const theirs = judged(dpkg('--verify')).map((path) => path.replace(/^\/bin/, '/usr/bin'))
    for (const path of ['/etc/merged.conf', '/usr/bin/tool', '/usr/share/many/3', '/usr/share/many/4'])
      expect(theirs).toContain(path)
    expect(theirs.filter((path) => !different(files).includes(path))).toEqual([])
    const below = await verified(root, ['/usr/share/many'])
    expect(below.filter(({ verdict }) => verdict === 'unowned').map(({ path }) => path)).toEqual([
      '/usr/share/many/new',
    ])
    expect(different(below)).toEqual(
      [3, 4, 5].map((number) => `/usr/share/many/${number}`).filter((path) => path !== '/usr/share/many/4'),
    )
    if (!existsSync('/usr/bin/debsums')) return
    const debsums = spawnSync('debsums', ['-c', '-a', '-r', root], { encoding: 'utf8' })
    for (const path of ['/etc/merged.conf', '/usr/share/many/3']) expect(debsums.stdout).toContain(path)
  })

  test('a package that comes, changes and goes is seen by a database that was asked before', () => {
    const [database] = packageDatabases(openPackageFiles(root))
    const owner = (path: string): string | undefined => database?.owners([path]).get(path)?.package
    expect(owner('/usr/share/late')).toBeUndefined()
    installDebs(root, [{ name: 'late', files: { '/usr/share/late': 'late' } }])
    expect(owner('/usr/share/late')).toBe('late')
    dpkg('--purge', 'late')
    expect(owner('/usr/share/late')).toBeUndefined()
    expect(owner('/usr/share/many/3')).toBe('many')
  })
})

const noRpm = whyNot('rpm', 'rpmbuild')
describe.skipIf(noRpm)(`rpm${noRpm ? ` (skipped: no ${noRpm})` : ''}`, () => {
  let root = ''
  const rpm = (...words: string[]): string =>
    spawnSync('rpm', ['--root', root, '--dbpath', '/var/lib/rpm', ...words], { encoding: 'utf8' }).stdout
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'tidemark-rpm-'))
    mkdirSync(join(root, 'var/lib/rpm'), { recursive: true })
    writeFileSync(join(root, 'one.spec'), SPEC)
    execFileSync('rpmbuild', ['-bb', '--define', `_topdir ${root}/built`, join(root, 'one.spec')], { stdio: 'pipe' })
    rpm('-i', '--nodeps', join(root, 'built/RPMS/noarch/one-1-1.noarch.rpm'))
  }, 60_000)
  afterAll(() => rmSync(root, { recursive: true, force: true }))

  test('as installed, all match; then as rpm -Va says', async () => {
    expect(different(await verified(root))).toEqual(judged(rpm('-Va')))
    appendFileSync(join(root, 'etc/one.conf'), 'x')
    appendFileSync(join(root, 'usr/share/one/b'), 'x')
    appendFileSync(join(root, 'usr/share/one/unverified'), 'x')
    rmSync(join(root, 'usr/share/one/c'))
    writeFileSync(join(root, 'usr/share/one/new'), '')
    const files = await verified(root)
    expect(different(files)).toEqual(['/etc/one.conf', '/usr/share/one/b', '/usr/share/one/c'])
    expect(different(files)).toEqual(judged(rpm('-Va')))
    const verdicts = new Map((await verified(root, ['/etc', '/usr/share'])).map(({ path, verdict }) => [path, verdict]))
    expect([
      verdicts.get('/etc/one.conf'),
      verdicts.get('/usr/share/one/new'),
      verdicts.get('/usr/share/one/link'),
    ]).toEqual(['conffile edited', 'unowned', 'cannot say'])
  })
})

const SPEC = `Name: one
Version: 1
Release: 1
Summary: x
License: MIT
BuildArch: noarch
%description
x
%install
mkdir -p %{buildroot}/etc %{buildroot}/usr/share/one
for name in b c ghost unverified; do echo $name > %{buildroot}/usr/share/one/$name; done
echo a > %{buildroot}/etc/one.conf
ln -s b %{buildroot}/usr/share/one/link
%files
%config(noreplace) /etc/one.conf
%dir /usr/share/one
/usr/share/one/b
/usr/share/one/c
/usr/share/one/link
%ghost /usr/share/one/ghost
%verify(not filedigest mtime size) /usr/share/one/unverified
`
