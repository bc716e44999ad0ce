import type { Item } from '../collector.ts'

// Neither occurs in a control field: they are lines of text (deb-control(5)).
const FIELD = '\u001f'
const RECORD = '\u001e'

const FIELDS = [
  'Package',
  'Architecture',
  'Version',
  'Status',
  'db:Status-Status',
  'Maintainer',
  'Installed-Size',
  'Description',
] as const

/** Words for dpkg-query: the fields of the described command, with separators that no field contains. */
export const dpkgWords: readonly string[] = [
  '-W',
  '-f',
  `${FIELDS.map((field) => `\${${field}}`).join(FIELD)}${RECORD}`,
]

/** What dpkg-query printed, understood. */
export interface Packages {
  readonly items: ReadonlyMap<string, Item>
  /** Packages between two states: dpkg is at work on them, or was stopped in the middle. */
  readonly unsettled: ReadonlySet<string>
  /** What could not be understood, with the record's number from 1. */
  readonly problems: readonly string[]
}

/**
 * Reads the output of `dpkg-query` with `dpkgWords`. Total: a record that is no package is told and left out. A package
 * that left only its configuration (`config-files`, dpkg(1)) is not installed, and so not among the items.
 */
export function parseDpkg(text: string): Packages {
  const items = new Map<string, Item>()
  const unsettled = new Set<string>()
  const problems: string[] = []
  const records = text.split(RECORD)
  const rest = records.pop() ?? ''
  if (rest.trim() !== '') problems.push(`record ${records.length + 1}: the output ends in its middle`)
  for (const [index, record] of records.entries()) {
    const cells = record.split(FIELD)
    const [name = '', architecture = '', version = '', status = '', state = ''] = cells
    if (cells.length !== FIELDS.length || name === '') {
      problems.push(`record ${index + 1}: ${cells.length} fields instead of ${FIELDS.length}`)
      continue
    }
    const key = `${name}:${architecture}`
    if (isSettled(state)) {
      if (state === 'installed') items.set(key, dpkgItem({ name, architecture, version, status, rest: cells.slice(5) }))
    } else unsettled.add(key)
  }
  return { items, unsettled, problems }
}

function isSettled(state: string): boolean {
  return state === 'installed' || state === 'config-files' || state === 'not-installed'
}

function dpkgItem(cells: {
  readonly name: string
  readonly architecture: string
  readonly version: string
  readonly status: string
  readonly rest: readonly string[]
}): Item {
  const [maintainer = '', installedKib = '', description = ''] = cells.rest
  const size = Number(installedKib)
  return {
    coveredBy: ['software'],
    columns: {
      SoftwareName: cells.name,
      SoftwareDescription: description,
      Publisher: maintainer,
      CurrentVersion: cells.version,
      Architecture: cells.architecture,
      SoftwareType: 'Package',
      SoftwareStatus: cells.status,
      // Installed-Size counts KiB (deb-control(5)).
      ...(Number.isSafeInteger(size) && installedKib !== '' ? { Size: size * 1_024 } : {}),
    },
  }
}
