import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { TriedMachine } from '../../testing/tried-machine.ts'

// Goal: a root that dnf installed is read as rpm reads it. Method: a repository of packages built here, without a network.

const missing = ['/usr/bin/dnf', '/usr/bin/createrepo_c', '/usr/bin/rpmbuild'].find((path) => !existsSync(path))

/** A repository in a folder, and dnf for one root that has nothing but it. */
class Dnf {
  readonly #folder: string
  readonly #root: string

  constructor(folder: string, root: string) {
    this.#folder = folder
    this.#root = root
    mkdirSync(join(folder, 'repository'))
    mkdirSync(join(folder, 'home'))
    // Debian's rpm keeps a database for each account unless it is told otherwise.
    writeFileSync(join(folder, 'home/.rpmmacros'), '%_dbpath /var/lib/rpm\n')
  }

  publish(name: string, version: string): void {
    const spec = join(this.#folder, 'one.spec')
    const facts = `Name: ${name}\nVersion: ${version}\nRelease: 1\nSummary: ${name} of a test\nLicense: MIT\nBuildArch: noarch`
    writeFileSync(spec, `${facts}\n%description\nx\n%files\n`)
    execFileSync('rpmbuild', ['-bb', '--define', `_topdir ${this.#folder}/build`, spec], { stdio: 'pipe' })
    const file = `${name}-${version}-1.noarch.rpm`
    copyFileSync(join(this.#folder, 'build/RPMS/noarch', file), join(this.#folder, 'repository', file))
    execFileSync('createrepo_c', ['-q', join(this.#folder, 'repository')])
  }

  run(...words: string[]): void {
    const repository = [
      `--repofrompath=here,file://${this.#folder}/repository`,
      '--repo=here',
      '--nogpgcheck',
      '--refresh',
    ]
    const alone = ['--releasever=1', '--setopt=reposdir=/dev/null', `--setopt=cachedir=${this.#folder}/cache`]
    const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: join(this.#folder, 'home'), LC_ALL: 'C.UTF-8' }
    execFileSync('dnf', ['-q', '-y', `--installroot=${this.#root}`, ...alone, ...repository, ...words], {
      env,
      stdio: 'pipe',
    })
  }
}

test.skipIf(missing)(
  `what dnf installs, upgrades and removes in a root is what rpm tells of it${missing ? ` (skipped: no ${missing})` : ''}`,
  async () => {
    using machine = new TriedMachine()
    const folder = mkdtempSync(join(tmpdir(), 'tidemark-dnf-'))
    try {
      const dnf = new Dnf(folder, machine.root)
      const judged = (): string[] => {
        const words = ['--dbpath', join(machine.root, 'var/lib/rpm'), '-qa', '--queryformat', '%{NAME} %{VERSION}\\n']
        return execFileSync('rpm', words, { encoding: 'utf8' }).trim().split('\n').sort()
      }
      const ours = async (): Promise<string[]> => {
        const { items, gaps } = await machine.look()
        expect(gaps).toEqual([])
        return [...items].map(([key, { columns }]) => `${key.split('.')[0]} ${columns.CurrentVersion}`).sort()
      }
      dnf.publish('one', '1')
      dnf.publish('two', '1')
      dnf.run('install', 'one', 'two')
      expect(await ours()).toEqual(['one 0:1-1', 'two 0:1-1'])
      expect(judged()).toEqual(['one 1', 'two 1'])
      dnf.publish('one', '2')
      dnf.run('upgrade')
      dnf.run('remove', 'two')
      expect(await ours()).toEqual(['one 0:2-1'])
      expect(judged()).toEqual(['one 2'])
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
  120_000,
)
