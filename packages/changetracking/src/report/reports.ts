import type { ChangeTrackingPlaces } from '@tidemark/model'

import type { Item } from '../collector.ts'
import { writeTextAtomically } from '../host/folders.ts'

/** Writes `Packages.json` or `Services.json`: what the last look found, an array sorted by key. */
export function writeReport(
  places: Pick<ChangeTrackingPlaces, 'packagesJson' | 'servicesJson'>,
  type: 'Software' | 'Daemons',
  items: ReadonlyMap<string, Item>,
): void {
  const path = type === 'Software' ? places.packagesJson : places.servicesJson
  const sorted = [...items].sort(([one], [other]) => (one < other ? -1 : 1))
  const lines = sorted.map(([, item]) => JSON.stringify(item.columns))
  writeTextAtomically(path, `[\n${lines.join(',\n')}\n]\n`)
}
