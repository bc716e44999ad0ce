import { kqlString, trackedTypes } from '@tidemark/model'

import type { AnswerRow } from '../api/answer-row.ts'

/** Items that a search finds of each type. */
const ITEMS_MAX = 8
const NAMES = { Software: 'SoftwareName', Files: 'FileSystemPath', Daemons: 'SvcName' } as const

/** Something that was found in the inventory. */
export interface FoundItem {
  readonly type: keyof typeof NAMES
  readonly name: string
  readonly machines: number
}

/** The KQL of the items of one type whose name has the text; those with the shortest names first. */
export function findQuery(type: FoundItem['type'], text: string): string {
  const name = NAMES[type]
  const found = [
    `TidemarkItem | where ConfigDataType == ${kqlString(type)} and ${name} contains ${kqlString(text)}`,
    `summarize by Name = ${name}`,
    'extend Length = strlen(Name)',
    `top ${ITEMS_MAX} by Length asc`,
  ].join(' | ')
  // A machine may have several variants of an item, and counts once.
  return [
    `let Found = ${found} | project Name;\nTidemarkInventory`,
    `where ConfigDataType == ${kqlString(type)} and ${name} in (Found)`,
    `summarize Machines = dcount(Computer) by Name = ${name}`,
    'extend Length = strlen(Name)',
    'sort by Length asc, Name asc',
    `take ${ITEMS_MAX}`,
  ].join('\n| ')
}

/** The types in the order in which they are told. */
export const foundTypes: readonly FoundItem['type'][] = ['Software', 'Daemons', 'Files'].filter(
  (type): type is FoundItem['type'] => trackedTypes.some((known) => known === type),
)

/** The rows of `findQuery`. */
export function itemsIn(type: FoundItem['type'], rows: readonly AnswerRow[]): FoundItem[] {
  return rows.map((row) => ({ type, name: String(row['Name'] ?? ''), machines: Number(row['Machines']) }))
}
