import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { TriedMachine } from '../../testing/tried-machine.ts'

const missing = ['/usr/bin/pacman', '/bin/tar'].find((path) => !existsSync(path))

/** pacman with a database of its own below `root`. */
class Pacman {
  readonly folder: string
  readonly #words: readonly string[]

  constructor(folder: string, root: string) {
    this.folder = folder
    const config = join(folder, 'pacman.conf')
    const database = join(root, 'var/lib/pacman')
    mkdirSync(database, { recursive: true })
    writeFileSync(config, '[options]\nSigLevel = Never\nLocalFileSigLevel = Never\nArchitecture = auto\n')
    this.#words = ['--root', root, '--dbpath', database, '--config', config, '--noconfirm']
  }

  run(...words: string[]): string {
    const env = { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/sbin:/usr/bin:/sbin:/bin' }
    const { status, stdout, stderr } = spawnSync('pacman', [...this.#words, ...words], { encoding: 'utf8', env })
    if (status !== 0) throw new Error(`${stdout}${stderr}`)
    return stdout
  }

  install(name: string, version: string, ...flags: string[]): void {
    const tree = mkdtempSync(join(this.folder, 'tree-'))
    const facts = [`pkgname = ${name}`, `pkgver = ${version}`, `pkgdesc = ${name} ünd more`, 'packager = Ä <a@b>']
    writeFileSync(join(tree, '.PKGINFO'), `${facts.join('\n')}\nurl = x\nbuilddate = 1\nsize = 1234\narch = any\n`)
    mkdirSync(join(tree, 'etc'))
    writeFileSync(join(tree, 'etc', `${name}.conf`), version)
    const file = join(this.folder, `${name}-${version}-any.pkg.tar`)
    execFileSync('tar', ['-cf', file, '-C', tree, '.PKGINFO', 'etc'])
    this.run('-U', '--noscriptlet', ...flags, file)
  }
}

test.skipIf(missing)(
  `packages are those that pacman tells of its own database${missing ? ` (skipped: no ${missing})` : ''}`,
  async () => {
    using machine = new TriedMachine()
    const folder = mkdtempSync(join(tmpdir(), 'tidemark-pacman-'))
    try {
      const pacman = new Pacman(folder, machine.root)
      pacman.install('one', '1:1.0-1')
      pacman.install('two', '2-1', '--asdeps')
      pacman.install('one', '1:1.1-1')
      pacman.install('three', '2-1')
      pacman.install('three', '1-1')
      pacman.install('four', '1-1')
      pacman.run('-R', 'four')
      const { items, gaps } = await machine.look()
      expect(gaps).toEqual([])
      const ours = [...items.values()].map(({ columns }) => `${columns.SoftwareName} ${columns.CurrentVersion}`)
      expect(ours.sort()).toEqual(pacman.run('-Q').trim().split('\n').sort())
      expect(ours).toEqual(['one 1:1.1-1', 'three 1-1', 'two 2-1'])
      const told = pacman.run('-Qi', 'two')
      const field = (name: string): string | undefined => new RegExp(`^${name} +: (.*)$`, 'm').exec(told)?.[1]
      expect(field('Install Reason')).toBe('Installed as a dependency for another package')
      expect(items.get('pacman/two')?.columns).toMatchObject({
        SoftwareDescription: field('Description'),
        Publisher: field('Packager'),
        Architecture: field('Architecture'),
        SoftwareStatus: 'installed as dependency',
        Size: 1_234,
        InstallDate: new Date(field('Install Date') ?? '').toISOString(),
      })
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
)
