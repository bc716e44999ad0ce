import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** A package to be built: its files by their paths, and scripts of its maintainer. */
export interface DebPlan {
  readonly name: string
  readonly version: string
  readonly files: Readonly<Record<string, string>>
  readonly conffiles?: readonly string[]
  readonly postinst?: string
}

/** Builds packages into a folder that apt can install from; gives the file of each, in their order. */
export function buildDebs(folder: string, plans: readonly DebPlan[]): string[] {
  mkdirSync(folder, { recursive: true })
  const built = plans.map((plan) => build(folder, plan))
  const packages = execFileSync('dpkg-scanpackages', ['-m', '.'], { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] })
  writeFileSync(join(folder, 'Packages'), packages)
  return built
}

function build(folder: string, { name, version, files, conffiles = [], postinst }: DebPlan): string {
  const tree = join(folder, `${name}-${version}`)
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(tree, path)), { recursive: true })
    writeFileSync(join(tree, path), text)
  }
  const control = { Package: name, Version: version, Architecture: 'all', Maintainer: 'Journey <journey@example.org>' }
  const lines = Object.entries({ ...control, Description: 'made by a test' }).map(
    ([key, value]) => `${key}: ${value}\n`,
  )
  for (const [path, text] of Object.entries(files)) write(path, text)
  const sums = execFileSync('sh', ['-c', 'find . -type f -printf "%P\\n" | LC_ALL=C sort | xargs -r md5sum'], {
    cwd: tree,
  })
  const plain = sums
    .toString()
    .split('\n')
    .filter((line) => !conffiles.includes(`/${line.slice(34)}`))
  write('DEBIAN/control', lines.join(''))
  write('DEBIAN/md5sums', plain.join('\n'))
  if (conffiles.length > 0) write('DEBIAN/conffiles', `${conffiles.join('\n')}\n`)
  if (postinst !== undefined) {
    write('DEBIAN/postinst', `#!/bin/sh\n${postinst}\n`)
    chmodSync(join(tree, 'DEBIAN/postinst'), 0o755)
  }
  const deb = join(folder, `${name}_${version}_all.deb`)
  execFileSync('dpkg-deb', ['--root-owner-group', '--build', tree, deb], { stdio: 'ignore' })
  execFileSync('rm', ['-r', tree])
  return deb
}
