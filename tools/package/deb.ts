import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import type { Architecture } from './binaries.ts'
import { repository, runTool } from './facts.ts'
import { description, maintainer } from './words.ts'

/** What a package is built of. */
export interface PackageOptions {
  /** What is installed. */
  readonly tree: string
  /** Folder of the package. */
  readonly out: string
  readonly arch: Architecture
  readonly version: string
  /** Compresses quickly rather than well. */
  readonly isFast: boolean
  /** Seconds; what is younger gets this time. */
  readonly dateS: number
}

const DEBIAN: Readonly<Record<Architecture, string>> = { x64: 'amd64', arm64: 'arm64' }
const SCRIPTS = ['preinst', 'postinst', 'prerm', 'postrm'] as const

/** Builds a Debian package (deb(5), Debian Policy); returns its path. Throws `PackageError` where dpkg-deb fails. */
export function buildDeb(options: PackageOptions): string {
  const { tree, out, arch, version, isFast, dateS } = options
  const work = `${tree}.deb`
  cpSync(tree, work, { recursive: true, preserveTimestamps: true })
  const control = join(work, 'DEBIAN')
  mkdirSync(control, { mode: 0o755 })
  const write = (name: string, text: string, mode: number): void => {
    writeFileSync(join(control, name), text)
    chmodSync(join(control, name), mode)
  }
  write('control', controlText(options), 0o644)
  for (const name of SCRIPTS) write(name, script(`packaging/deb/${name}`), 0o755)
  const path = join(out, `tidemark-agent_${version}_${DEBIAN[arch]}.deb`)
  // A thread more or less must not change a byte: xz cuts into the same blocks whenever there may be two.
  const compression = isFast ? ['-Zgzip', '-z1'] : ['-Zxz', '-z6', '--threads-max=2']
  const words = ['--root-owner-group', ...compression, '--build', work, path]
  runTool('dpkg-deb', words, { ...process.env, SOURCE_DATE_EPOCH: String(dateS) })
  rmSync(work, { recursive: true })
  return path
}

/** A maintainer script with the parts that are in packaging/files put in at their names. */
export function script(path: string): string {
  const text = readFileSync(join(repository, path), 'utf8')
  return text.replaceAll(/^@([a-z-]+)@$/gm, (_mark, name: string) =>
    readFileSync(join(repository, 'packaging/files', name), 'utf8').trimEnd(),
  )
}

function controlText({ tree, arch, version }: PackageOptions): string {
  return [
    'Package: tidemark-agent',
    `Version: ${version}`,
    `Architecture: ${DEBIAN[arch]}`,
    `Maintainer: ${maintainer}`,
    `Installed-Size: ${Math.ceil(bytesIn(tree) / 1024)}`,
    // What Node asks of the system; passwd makes the user.
    'Depends: libc6 (>= 2.28), libgcc-s1 | libgcc1, libstdc++6 (>= 8), passwd',
    'Section: admin',
    'Priority: optional',
    `Description: ${description.short}`,
    ...description.long.map((line) => ` ${line}`),
    '',
  ].join('\n')
}

function bytesIn(folder: string): number {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).reduce((sum, name) => {
    const status = statSync(join(folder, name))
    return sum + (status.isFile() ? status.size : 4096)
  }, 0)
}
