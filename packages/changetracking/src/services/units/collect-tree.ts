import type { Item } from '../../collector.ts'
import type { Tree } from '../tree.ts'
import { readUnit, unitItem } from './unit-from-files.ts'
import { nameIn, readUnitFiles, type UnitEntry, type UnitFiles } from './unit-folders.ts'
import { hasAt, shownName, type UnitType } from './unit-name.ts'

/** Links from name to name that are followed for one unit. */
const ALIASES_MAX = 16

/**
 * Units of a tree in which nothing runs, from its files alone. What only a running systemd knows (state, main process, restarts)
 * is left empty; in descriptions and commands, `%n`, `%N`, `%p`, `%i` and `%%` are put in and other specifiers stay as written.
 */
export function collectTree(tree: Tree, types: ReadonlySet<UnitType>): ReadonlyMap<string, Item> {
  const files = readUnitFiles(tree, types)
  const items = new Map<string, Item>()
  for (const entry of files.units.values()) {
    if (hasAt(entry.name) || resolved(files, entry) !== entry) continue
    items.set(shownName(entry.name), unitItem(readUnit({ tree, files }, entry), entry))
  }
  return items
}

/** The entry that an alias stands for. */
function resolved(files: UnitFiles, entry: UnitEntry): UnitEntry {
  let at = entry
  for (let turn = 0; turn < ALIASES_MAX; turn += 1) {
    const next = at.target === undefined ? undefined : files.units.get(nameIn(at.target))
    if (next === undefined || next === at) return at
    at = next
  }
  return at
}
