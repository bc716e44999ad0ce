import type { Item } from '../collector.ts'

/** Words for systemctl that list every unit file of a service, one a line. */
export const listWords: readonly string[] = [
  'list-unit-files',
  '*.service',
  '--all',
  '--no-legend',
  '--no-pager',
  '--plain',
]

// Id besides the described ones: before systemd 246 the order of Names was that of a hash table with a random seed, so that
// a unit with aliases would go by another name after each reload.
const PROPERTIES = 'Id,Names,WantedBy,Description,SubState,FragmentPath,UnitFileState'

/** Words for systemctl that show these units with the properties of the described command, a blank line between two. */
export function showWords(units: readonly string[]): string[] {
  return ['show', '--all', '--no-pager', '-p', PROPERTIES, '--', ...units]
}

/** The names in the output of `listWords`; templates (`@`) are left out, as the described command leaves them out. */
export function parseUnitList(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim().split(/\s+/)[0] ?? '')
    .filter((name) => name.endsWith('.service') && !name.includes('@'))
}

/**
 * Reads the output of `showWords` for these units, in their order. Total: units for which there is no answer are told in
 * `problems`. An alias is answered with the unit that it stands for, and that is one item however often it is asked for.
 */
export function parseUnits(
  text: string,
  units: readonly string[],
): { items: ReadonlyMap<string, Item>; problems: readonly string[] } {
  const blocks = text.split(/\n\n+/).filter((block) => block.trim() !== '')
  const items = new Map<string, Item>()
  const problems: string[] = []
  if (blocks.length !== units.length)
    problems.push(`systemctl show answered for ${blocks.length} of ${units.length} units`)
  for (const block of blocks) {
    const properties = parseProperties(block)
    const names = properties.get('Names')?.split(' ').filter(Boolean) ?? []
    const unit = properties.get('Id') || names[0]
    if (unit === undefined) problems.push('a unit without a name in the answer of systemctl show')
    else items.set(unit.replace(/\.service$/, ''), serviceItem(unit, properties))
  }
  return { items, problems }
}

function parseProperties(block: string): ReadonlyMap<string, string> {
  const properties = new Map<string, string>()
  for (const line of block.split('\n')) {
    const equals = line.indexOf('=')
    if (equals > 0) properties.set(line.slice(0, equals), line.slice(equals + 1))
  }
  return properties
}

function serviceItem(unit: string, properties: ReadonlyMap<string, string>): Item {
  const name = unit.replace(/\.service$/, '')
  const description = properties.get('Description') ?? ''
  return {
    coveredBy: ['services'],
    columns: {
      SvcName: name,
      SvcDisplayName: description || name,
      SvcDescription: description,
      SvcState: capitalised(properties.get('SubState') ?? ''),
      SvcStartupType: capitalised(properties.get('UnitFileState') ?? ''),
      SvcRunlevels: properties.get('WantedBy') ?? '',
      SvcPath: properties.get('FragmentPath') ?? '',
      SvcController: 'systemd',
    },
  }
}

function capitalised(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1)
}
