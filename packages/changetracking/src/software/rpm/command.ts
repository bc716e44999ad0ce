import type { Item, Known } from '../collector.ts'

const FIELD = '\u001f'
const RECORD = '\u001e'
const FIELDS = ['NAME', 'SUMMARY', 'PACKAGER', 'INSTALLTIME', 'SIZE', 'EPOCH', 'VERSION', 'RELEASE', 'ARCH'] as const

/** Words for rpm: the fields of the described command, with separators that no field contains. */
export const rpmWords: readonly string[] = [
  '-qa',
  '--queryformat',
  `${FIELDS.map((field) => `%{${field}}`).join(FIELD)}${RECORD}`,
]

/**
 * Reads the output of `rpm` with `rpmWords`. Total. `(none)` becomes `0`, as the described command has it, so that
 * versions read `0:5.1.8-6.el9`. Several versions of one package (kernels, gpg-pubkey) are items of their own; a package
 * that is there once keeps its key when its version changes, and each version keeps the key that it is `known` by when
 * another one comes or goes.
 */
export function parseRpm(
  text: string,
  known: Known = new Map(),
): { items: ReadonlyMap<string, Item>; problems: readonly string[] } {
  const problems: string[] = []
  const packages = new Map<string, RpmPackage[]>()
  const records = text.split(RECORD)
  const rest = records.pop() ?? ''
  if (rest.trim() !== '') problems.push(`record ${records.length + 1}: the output ends in its middle`)
  for (const [index, record] of records.entries()) {
    const cells = record.split(FIELD).map((cell) => cell.replaceAll('(none)', '0'))
    if (cells.length !== FIELDS.length || cells[0] === '') {
      problems.push(`record ${index + 1}: ${cells.length} fields instead of ${FIELDS.length}`)
      continue
    }
    const one = rpmPackage(cells)
    const same = packages.get(`${one.name}.${one.architecture}`)
    if (same) same.push(one)
    else packages.set(`${one.name}.${one.architecture}`, [one])
  }
  const items = new Map<string, Item>()
  for (const [name, versions] of packages)
    for (const one of versions) items.set(keyOf(one, { name, isAlone: versions.length === 1, known }), one.item)
  return { items, problems }
}

// With a key that depended on the count alone, a second kernel would remove the first one and add it again.
function keyOf(
  { version }: RpmPackage,
  { name, isAlone, known }: { readonly name: string; readonly isAlone: boolean; readonly known: Known },
): string {
  const own = `${name} ${version}`
  if (known.get(own) !== undefined) return own
  if (isAlone || known.get(name)?.columns.CurrentVersion === version) return name
  return own
}

interface RpmPackage {
  readonly name: string
  readonly architecture: string
  readonly version: string
  readonly item: Item
}

function rpmPackage(cells: readonly string[]): RpmPackage {
  const [
    name = '',
    summary = '',
    packager = '',
    installed = '',
    size = '',
    epoch = '',
    version = '',
    release = '',
    architecture = '',
  ] = cells
  const full = `${epoch}:${version}-${release}`
  const installedSeconds = Number(installed)
  const bytes = Number(size)
  const item: Item = {
    coveredBy: ['software'],
    columns: {
      SoftwareName: name,
      SoftwareDescription: summary,
      Publisher: packager,
      CurrentVersion: full,
      Architecture: architecture,
      SoftwareType: 'Package',
      SoftwareStatus: 'installed',
      ...(Number.isSafeInteger(bytes) && size !== '' ? { Size: bytes } : {}),
      ...(Number.isSafeInteger(installedSeconds) && installedSeconds > 0
        ? { InstallDate: new Date(installedSeconds * 1_000).toISOString() }
        : {}),
    },
  }
  return { name, architecture, version: full, item }
}
