import { changeTrackingPlaces, type TrackedType } from '@tidemark/model'

import type { Item } from '../collector.ts'
import { writeTextAtomically } from '../host/folders.ts'
import { describedFile } from './described-file.ts'

/** Writes `File.json`, `Packages.json` or `Services.json`: what the last look found, an array sorted by key. */
export function writeReport(root: string, type: TrackedType, items: ReadonlyMap<string, Item>): void {
  const places = changeTrackingPlaces(root)
  const path = { Files: places.filesJson, Software: places.packagesJson, Daemons: places.servicesJson }[type]
  const sorted = [...items].sort(([one], [other]) => (one < other ? -1 : 1))
  const lines = sorted.map(([, item]) => JSON.stringify(type === 'Files' ? describedFile(item) : item.columns))
  writeTextAtomically(path, `[\n${lines.join(',\n')}\n]\n`)
}
