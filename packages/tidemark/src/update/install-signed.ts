import { type Expected, whyNotSigned } from './signed-file.ts'

/** What stands in a package. */
export interface PackageFacts {
  readonly name: string
  readonly version: string
  /** As its package manager calls it; `all` and `noarch` are for every machine. */
  readonly architecture: string
}

/** A package manager, as far as an update needs it. Every method throws with its words where it fails. */
export interface Installer {
  /** Of the machine. */
  readonly architecture: string
  facts(path: string): PackageFacts
  /** `undefined` where it is not installed. */
  installedVersion(name: string): string | undefined
  /** Below 0 where `one` is older. */
  compareVersions(one: string, other: string): number
  install(path: string): void
}

/** Where packages are put that nobody but root may write: what was checked is what is installed. */
export interface Vault {
  /** Takes a copy of a file; throws where it is too large or cannot be read. */
  take(path: string): { readonly path: string; readonly bytes: Uint8Array }
  /** The package that was installed last by us. */
  readonly last: string | undefined
  /** From now on this is the last one. */
  keep(path: string): void
}

export interface InstallOptions extends Expected {
  readonly path: string
  /** The one package that may come this way. */
  readonly name: string
  readonly isDowngradeAllowed: boolean
}

/** What became of an update. */
export type Installed =
  | { readonly kind: 'installed'; readonly version: string; readonly before: string | undefined }
  | { readonly kind: 'there-already'; readonly version: string }
  /** Nothing was touched. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** It could not be installed; `isRolledBack` says that the version of before runs again. */
  | { readonly kind: 'failed'; readonly reason: string; readonly isRolledBack: boolean }

const EVERY_MACHINE: ReadonlySet<string> = new Set(['all', 'noarch'])

/** Installs a package that is signed, meant for this machine and no step back; on failure the one of before. Never rejects. */
export function installSigned(options: InstallOptions, installer: Installer, vault: Vault): Installed {
  const { name } = options
  let taken: ReturnType<Vault['take']>
  let facts: PackageFacts
  let before: string | undefined
  try {
    taken = vault.take(options.path)
    const why = whyNotSigned(taken.bytes, options)
    if (why !== undefined) return { kind: 'refused', reason: `${options.path}: ${why}` }
    facts = installer.facts(taken.path)
    before = installer.installedVersion(name)
    const reason = whyNotThis(facts, { ...options, before, installer })
    if (reason !== undefined) return { kind: 'refused', reason: `${options.path}: ${reason}` }
  } catch (error) {
    return { kind: 'refused', reason: `${options.path} cannot be read: ${textOf(error)}` }
  }
  if (facts.version === before) return { kind: 'there-already', version: facts.version }
  try {
    installer.install(taken.path)
    const after = installer.installedVersion(name)
    if (after !== facts.version)
      throw new Error(`the package manager was content, and ${after ?? 'nothing'} is installed`)
    vault.keep(taken.path)
    return { kind: 'installed', version: facts.version, before }
  } catch (error) {
    return { kind: 'failed', reason: textOf(error), isRolledBack: rolledBack(installer, vault, { name, before }) }
  }
}

function whyNotThis(
  { name, version, architecture }: PackageFacts,
  facts: InstallOptions & { readonly before: string | undefined; readonly installer: Installer },
): string | undefined {
  const { before, installer } = facts
  if (name !== facts.name) return `it is the package ${name}, and only ${facts.name} is updated this way`
  if (architecture !== installer.architecture && !EVERY_MACHINE.has(architecture))
    return `it is for ${architecture}, and this machine is ${installer.architecture}`
  const isOlder = before !== undefined && installer.compareVersions(version, before) < 0
  return isOlder && !facts.isDowngradeAllowed
    ? `it is version ${version}, and ${before} is installed: a step back is to be asked for`
    : undefined
}

/** True where the version of before is installed, still or again. */
function rolledBack(
  installer: Installer,
  { last }: Vault,
  { name, before }: { readonly name: string; readonly before: string | undefined },
): boolean {
  try {
    if (before === undefined || last === undefined || installer.facts(last).version !== before) return false
    installer.install(last)
    return installer.installedVersion(name) === before
  } catch {
    return false
  }
}

function textOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 1_000)
}
