import type { Stanza } from './stanza.ts'

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
export interface Printed {
  readonly stanzas: ReadonlyMap<string, Stanza>
  /** What could not be understood, with the record's number from 1. */
  readonly problems: readonly string[]
}

/** Reads the output of `dpkg-query` with `dpkgWords`. Total: a record that is no package is told and left out. */
export function parseDpkg(text: string): Printed {
  const stanzas = new Map<string, Stanza>()
  const problems: string[] = []
  const records = text.split(RECORD)
  const rest = records.pop() ?? ''
  if (rest.trim() !== '') problems.push(`record ${records.length + 1}: the output ends in its middle`)
  for (const [index, record] of records.entries()) {
    const cells = record.split(FIELD)
    const [name = '', architecture = '', version = '', status = '', state = '', maintainer = ''] = cells
    const [, , , , , , installedKib = '', description = ''] = cells
    if (cells.length !== FIELDS.length || name === '') {
      problems.push(`record ${index + 1}: ${cells.length} fields instead of ${FIELDS.length}`)
      continue
    }
    const [wanted = '', flag = ''] = status.split(' ')
    stanzas.set(`${name}:${architecture}`, {
      name,
      architecture,
      version,
      status: { wanted, flag, state },
      isCoinstallable: false,
      maintainer,
      installedKib,
      description,
    })
  }
  return { stanzas, problems }
}
