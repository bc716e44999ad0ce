import type { Item } from '../../collector.ts'
import { redactCommandLine } from '../../who/redact.ts'
import type { Tree } from '../tree.ts'
import {
  isBroken,
  parseUnitFile,
  type ParsedUnit,
  UNIT_FILE_BYTES_MAX,
  valueOf,
  valuesOf,
  wordsOf,
} from './unit-file.ts'
import { isMask, unitFileState } from './unit-file-state.ts'
import { dropInsOf, nameIn, readUnitFiles, type UnitEntry, type UnitFiles } from './unit-folders.ts'
import { capitalised } from './unit-item.ts'
import { hasAt, shownName, type UnitType, unitTypeOf } from './unit-name.ts'

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
    items.set(shownName(entry.name), unitItem({ tree, files }, entry))
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

function unitItem({ tree, files }: { readonly tree: Tree; readonly files: UnitFiles }, entry: UnitEntry): Item {
  const name = shownName(entry.name)
  const type = unitTypeOf(entry.name) ?? 'service'
  const dropIns = dropInPaths({ tree, files }, entry.name)
  const unit = isMask(tree, entry) ? EMPTY : parsed(tree, [entry.path, ...dropIns])
  const description = withSpecifiers(valueOf(unit, 'Unit', 'Description'), entry.name)
  const installs = ['WantedBy', 'RequiredBy', 'UpheldBy', 'Alias'].some(
    (key) => valuesOf(unit, 'Install', key).length > 0,
  )
  const install = {
    isInstallable: installs,
    hasAlso: valuesOf(unit, 'Install', 'Also').length > 0,
    isBroken: isBroken(unit),
  }
  return {
    coveredBy: [`${type}s`],
    columns: {
      SvcName: name,
      SvcDisplayName: description || name,
      SvcDescription: description || entry.name,
      SvcState: '',
      SvcStartupType: capitalised(unitFileState({ tree, files, install }, entry)),
      SvcRunlevels: wantedBy(files, entry.name).join(' '),
      SvcPath: entry.path,
      SvcController: 'systemd',
      SvcUnitType: type,
      SvcDropIns: JSON.stringify(dropIns),
      ...(type === 'service'
        ? {
            SvcExecStart: valuesOf(unit, 'Service', 'ExecStart')
              .map((command) => commandLine(command, entry.name))
              .join('; '),
            SvcAccount: withSpecifiers(valueOf(unit, 'Service', 'User'), entry.name),
          }
        : {}),
    },
  }
}

const EMPTY: ParsedUnit = { assignments: [], problems: [] }

function parsed(tree: Tree, paths: readonly string[]): ParsedUnit {
  const all = paths.flatMap((path) => {
    const bytes = tree.read(path, UNIT_FILE_BYTES_MAX)
    return bytes === undefined ? [] : [parseUnitFile(bytes)]
  })
  return {
    assignments: all.flatMap(({ assignments }) => assignments),
    problems: all.flatMap(({ problems }) => problems),
  }
}

/**
 * Drop-ins that count, in the order in which systemd reads them: by name, and of one name the one that comes first. Where `/lib` is a
 * link to `/usr/lib`, systemd has their paths in `/usr/lib` also where it has those of units in `/lib`.
 */
function dropInPaths({ tree, files }: { readonly tree: Tree; readonly files: UnitFiles }, unit: string): string[] {
  const byName = new Map<string, string>()
  for (const path of dropInsOf(files, unit)) if (!byName.has(nameIn(path))) byName.set(nameIn(path), path)
  const isMerged = tree.linkTarget('/lib') !== undefined
  return [...byName.keys()].sort().map((name) => {
    const path = byName.get(name) ?? ''
    return isMerged ? path.replace(/^\/lib\//, '/usr/lib/') : path
  })
}

/** Units in whose `.wants` folders this one is linked. */
function wantedBy(files: UnitFiles, unit: string): string[] {
  const units = (files.links.get(unit) ?? []).flatMap(({ path }) => {
    const [, by] = /\/([^/]+)\.wants\/([^/]+)$/.exec(path) ?? []
    return by !== undefined && nameIn(path) === unit ? [by] : []
  })
  return [...new Set(units)].sort()
}

/** A command as it is told of a running one: without the marks before its program, secrets redacted. */
function commandLine(command: string, unit: string): string {
  const [program = '', ...words] = wordsOf(withSpecifiers(command, unit))
  return redactCommandLine([
    program.replace(/^[@:+!|-]+/, ''),
    ...(/^[:+!|-]*@/.test(program) ? words.slice(1) : words),
  ])
}

function withSpecifiers(text: string, unit: string): string {
  const stem = unit.slice(0, unit.lastIndexOf('.'))
  const values: Readonly<Record<string, string>> = { n: unit, N: stem, p: stem, i: '', '%': '%' }
  return text.replace(/%([a-zA-Z%])/g, (whole, letter: string) => values[letter] ?? whole)
}
