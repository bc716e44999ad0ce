import { countOf } from '../item.ts'
import type { RpmHeader } from './header.ts'

const FIELD = '\u001f'
const RECORD = '\u001e'
// LONGSIZE is SIZE, and right where that does not suffice (4 GiB and more).
const FIELDS = [
  'NAME',
  'SUMMARY',
  'PACKAGER',
  'INSTALLTIME',
  'LONGSIZE',
  'EPOCH',
  'VERSION',
  'RELEASE',
  'ARCH',
] as const

/** Words for rpm: the fields of the described command, with separators that no field contains. */
export const rpmWords: readonly string[] = [
  '-qa',
  '--queryformat',
  `${FIELDS.map((field) => `%{${field}}`).join(FIELD)}${RECORD}`,
]

/** What rpm printed, understood. */
export interface Printed {
  readonly headers: readonly RpmHeader[]
  /** What could not be understood, with the record's number from 1. */
  readonly problems: readonly string[]
}

/** Reads the output of `rpm` with `rpmWords`. Total: a record that is no package is told and left out. */
export function parseRpm(text: string): Printed {
  const problems: string[] = []
  const headers: RpmHeader[] = []
  const records = text.split(RECORD)
  const rest = records.pop() ?? ''
  if (rest.trim() !== '') problems.push(`record ${records.length + 1}: the output ends in its middle`)
  for (const [index, record] of records.entries()) {
    const cells = record.split(FIELD)
    if (cells.length !== FIELDS.length || cells[0] === '')
      problems.push(`record ${index + 1}: ${cells.length} fields instead of ${FIELDS.length}`)
    else headers.push(headerOf(cells))
  }
  return { headers, problems }
}

function headerOf(cells: readonly string[]): RpmHeader {
  const [name = '', summary = '', packager = '', installed, size, epoch = '', version = '', release = ''] = cells
  const installedSeconds = countOf(installed)
  const sizeBytes = countOf(size)
  return {
    name,
    summary,
    packager,
    epoch,
    version,
    release,
    architecture: cells[8] ?? '',
    ...(installedSeconds === undefined ? {} : { installedSeconds }),
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
  }
}
