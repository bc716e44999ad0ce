import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** A package to be built for a test. */
export interface DebPlan {
  readonly name: string
  /** Content by path. */
  readonly files: Readonly<Record<string, string>>
  readonly conffiles?: readonly string[]
  readonly hasSums?: boolean
}

/** Installs packages, built here, into a root of their own by dpkg itself. */
export function installDebs(root: string, plans: readonly DebPlan[]): void {
  for (const folder of ['var/lib/dpkg/info', 'var/lib/dpkg/updates', 'var/log', 'built'])
    mkdirSync(join(root, folder), { recursive: true })
  for (const name of ['status', 'available']) writeFileSync(join(root, 'var/lib/dpkg', name), '', { flag: 'a' })
  const debs = plans.map((plan) => build(join(root, 'built'), plan))
  const words = [`--root=${root}`, '--force-not-root', '--force-script-chrootless', '--force-overwrite', '-i', ...debs]
  execFileSync('dpkg', words, { stdio: 'pipe', env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } })
}

function build(folder: string, { name, files, conffiles = [], hasSums = true }: DebPlan): string {
  const tree = join(folder, name)
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(tree, path)), { recursive: true })
    writeFileSync(join(tree, path), text)
  }
  for (const [path, text] of Object.entries(files)) write(path, text)
  const sums = Object.entries(files)
    .filter(([path]) => !conffiles.includes(path))
    .map(([path, text]) => `${createHash('md5').update(text).digest('hex')}  ${path.slice(1)}\n`)
  write(
    'DEBIAN/control',
    `Package: ${name}\nVersion: 1.0\nArchitecture: all\nMaintainer: A <a@example.org>\nDescription: made by a test\n`,
  )
  if (hasSums) write('DEBIAN/md5sums', sums.join(''))
  if (conffiles.length > 0) write('DEBIAN/conffiles', `${conffiles.join('\n')}\n`)
  execFileSync('dpkg-deb', ['--root-owner-group', '--build', tree, `${tree}.deb`], { stdio: 'pipe' })
  return `${tree}.deb`
}
