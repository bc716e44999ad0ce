import type { ChangeColumns } from '../../collector.ts'
import type { Operation, PackageStep } from './operation.ts'

// Programs that install packages, by the name of their file; whatever they start works for them (maintainer scripts).
const MANAGERS =
  /(?:^|\/)(?:dpkg|apt|apt-get|aptitude|unattended-upgrade|rpm|dnf|dnf5|dnf-3|yum|microdnf|zypper|pacman|apk|packagekitd)$/
const MANAGER_IN_TREE =
  /"exe":"(?:[^"]*\/)?(?:dpkg|apt|apt-get|aptitude|unattended-upgrade|rpm|dnf|dnf5|dnf-3|yum|microdnf|zypper|pacman|apk|packagekitd)"/
/** Logs tell whole seconds: what is told as the end may be this much later, in milliseconds. */
const SECOND_MS = 1_000

/**
 * The operation that made a change of a file: `columns` are those of its row, with who did it and the owning package. Where it
 * was seen who did it, that decides: only what a package manager, or something that it started, has done belongs to an
 * operation. Where nobody was seen, the package must be one of the operation's, and the change must lie in its time.
 */
export function operationOfFile(columns: ChangeColumns, operations: readonly Operation[]): string | undefined {
  const isSeen = columns.InitiatingProcessCertainty !== undefined && columns.InitiatingProcessCertainty !== 'unknown'
  if (isSeen && !isByManager(columns)) return undefined
  const atMs = Date.parse(String((isSeen ? columns.TimeObserved : columns.DateChanged) ?? columns.TimeObserved ?? ''))
  if (Number.isNaN(atMs)) return undefined
  const then = operations.filter((operation) => isDuring(operation, atMs))
  const name = columns.PackageName
  const of = then.findLast(({ packages }) => packages.some((step) => step.name === name))
  // What belongs to no package of it may still be its work: caches, generated files, packages that are gone.
  return of?.id ?? (isSeen ? newestOf(then)?.id : undefined)
}

/** The operation that made a change of a package: the last one that did that to it. */
export function operationOfPackage(columns: ChangeColumns, operations: readonly Operation[]): string | undefined {
  const { SoftwareName: name, Architecture: architecture, ChangeCategory: category } = columns
  const version = String((category === 'Removed' ? columns.Previous : columns.Current) ?? '')
  const isIt = (step: PackageStep): boolean => {
    if (step.name !== name) return false
    if (step.architecture !== undefined && !isSameArchitecture(step.architecture, architecture)) return false
    if (category === 'Removed') return step.to === undefined && (step.from === undefined || step.from === version)
    return step.to === undefined ? isRemoval(step) : step.to === version
  }
  return operations
    .filter(({ packages }) => packages.some(isIt))
    .toSorted((one, other) => (one.startMs ?? 0) - (other.startMs ?? 0))
    .at(-1)?.id
}

/** A removed package that left its configuration is still there, in another state. */
function isRemoval({ action }: PackageStep): boolean {
  return action === 'remove' || action === 'purge'
}

/** apt names packages for all architectures by the machine's own. */
function isSameArchitecture(step: string, architecture: unknown): boolean {
  return architecture === undefined || architecture === 'all' || step === 'all' || step === architecture
}

function isByManager(columns: ChangeColumns): boolean {
  const { InitiatingProcessFolderPath: program = '', InitiatingProcessTree: tree = '' } = columns
  return MANAGERS.test(String(program)) || MANAGER_IN_TREE.test(String(tree))
}

function isDuring({ startMs, endMs, outcome }: Operation, atMs: number): boolean {
  if (startMs === undefined || atMs < startMs) return false
  if (endMs !== undefined) return atMs < endMs + SECOND_MS
  return outcome === undefined
}

function newestOf(operations: readonly Operation[]): Operation | undefined {
  return operations.toSorted((one, other) => (one.startMs ?? 0) - (other.startMs ?? 0)).at(-1)
}
