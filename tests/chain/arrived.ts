import type { KeptRow } from '@tidemark/server/testing'

/** What there is at the first look, name to version. */
export const BASELINE: ReadonlyMap<string, string> = new Map([['base', '1']])

/**
 * What is wrong with what arrived, empty where nothing is: each number of the epoch once and none missing, each stream in
 * its order, and changes that lead, one fitting to the other, from nothing to the world as it is.
 */
export function wrongWith(rows: readonly KeptRow[], world: ReadonlyMap<string, string>): string[] {
  return [...wrongNumbers(rows), ...wrongOrder(rows), ...wrongChanges(rows, world)]
}

const sequenceOf = ({ cells }: KeptRow): number => Number(cells['Sequence'])

function wrongNumbers(rows: readonly KeptRow[]): string[] {
  const epochs = new Set(rows.map(({ cells }) => cells['BaselineEpoch']))
  const ids = new Set(rows.map(({ cells }) => cells['RecordId']))
  const sorted = rows.map(sequenceOf).sort((one, other) => one - other)
  const at = sorted.findIndex((number, index) => number !== index + 1)
  return [
    ...(epochs.size > 1 ? [`${epochs.size} epochs`] : []),
    ...(ids.size < rows.length ? [`${rows.length - ids.size} rows came twice`] : []),
    ...(at >= 0 ? [`of ${sorted.length} numbers the one at ${at + 1} is ${sorted[at]}`] : []),
  ]
}

function wrongOrder(rows: readonly KeptRow[]): string[] {
  return [...Map.groupBy(rows, ({ table }) => table)].flatMap(([table, of]) => {
    const numbers = of.toSorted((one, other) => one.arrival - other.arrival).map(sequenceOf)
    const at = numbers.findIndex((number, index) => index > 0 && number < (numbers[index - 1] ?? 0))
    return at < 0 ? [] : [`${table}: ${numbers[at]} came after ${numbers[at - 1]}`]
  })
}

function wrongChanges(rows: readonly KeptRow[], world: ReadonlyMap<string, string>): string[] {
  const wrong: string[] = []
  const now = new Map(BASELINE)
  for (const { cells } of inOrder(rows, 'ConfigurationChange')) {
    const name = String(cells['SoftwareName'])
    const [before, after] = [cells['Previous'], cells['Current']].map((cell) => (typeof cell === 'string' ? cell : ''))
    if ((now.get(name) ?? '') !== before) wrong.push(`${name}: ${before} to ${after}, but it was ${now.get(name)}`)
    if (after) now.set(name, after)
    else now.delete(name)
  }
  const inventory = inOrder(rows, 'ConfigurationData')
    .slice(-world.size)
    .map(({ cells }): [string, string] => [String(cells['SoftwareName']), String(cells['CurrentVersion'])])
  for (const [what, told] of Object.entries({ changes: now, inventory: new Map(inventory) }))
    if (textOf(told) !== textOf(world)) wrong.push(`by the ${what} it is ${textOf(told)} and not ${textOf(world)}`)
  return wrong
}

function inOrder(rows: readonly KeptRow[], table: string): KeptRow[] {
  return rows.filter((row) => row.table === table).sort((one, other) => sequenceOf(one) - sequenceOf(other))
}

function textOf(map: ReadonlyMap<string, string>): string {
  return JSON.stringify([...map].sort())
}
