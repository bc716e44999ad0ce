import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { PackageError, readJson, repository, runTool } from './facts.ts'

/** As Node names them. */
export const architectures = ['x64', 'arm64'] as const
export type Architecture = (typeof architectures)[number]

/** What of a package depends on the processor. */
export interface Binaries {
  readonly arch: Architecture
  /** Folder of the npm package with Node. */
  readonly node: string
  /** Folder of the npm package with koffi's native part, the only one that our programs load, and its name. */
  readonly koffi: string
}

/**
 * Node and koffi for an architecture, in the versions of package-lock.json: of node_modules, or fetched with `npm pack`, checked
 * against the lock's digest and kept in node_modules/.cache. Throws `PackageError`.
 */
export function binariesOf(arch: Architecture): Binaries {
  return { arch, node: npmPackage(`node-linux-${arch}`), koffi: npmPackage(`@koromix/koffi-linux-${arch}`) }
}

function npmPackage(name: string): string {
  const { version, integrity } = locked(name)
  const installed = join(repository, 'node_modules', name)
  if (existsSync(installed) && Reflect.get(readJson(join(installed, 'package.json')), 'version') === version)
    return installed
  const kept = join(repository, 'node_modules/.cache/tidemark-package', `${name.replace('/', '-')}-${version}`)
  if (!existsSync(kept)) fetchPackage({ name, version, integrity, kept })
  return kept
}

function locked(name: string): { readonly version: string; readonly integrity: string } {
  const packages: unknown = Reflect.get(readJson(join(repository, 'package-lock.json')), 'packages')
  const entry: unknown =
    typeof packages === 'object' && packages !== null ? Reflect.get(packages, `node_modules/${name}`) : undefined
  if (typeof entry !== 'object' || entry === null) throw new PackageError(`package-lock.json does not name ${name}`)
  return { version: String(Reflect.get(entry, 'version')), integrity: String(Reflect.get(entry, 'integrity')) }
}

function fetchPackage(wanted: { name: string; version: string; integrity: string; kept: string }): void {
  const { name, version, integrity, kept } = wanted
  mkdirSync(dirname(kept), { recursive: true })
  const work = mkdtempSync(`${kept}.`)
  try {
    const said = runTool('npm', ['pack', '--silent', '--pack-destination', work, `${name}@${version}`])
    const tarball = join(work, said.trim().split('\n').at(-1) ?? '')
    const digest = `sha512-${createHash('sha512').update(readFileSync(tarball)).digest('base64')}`
    if (digest !== integrity)
      throw new PackageError(`${name}@${version} is not what package-lock.json names: ${digest}, not ${integrity}`)
    runTool('tar', ['-xzf', tarball, '-C', work])
    renameSync(join(work, 'package'), kept)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}
