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
import { dropInsOf, nameIn, type UnitEntry, type UnitFiles } from './unit-folders.ts'
import { capitalised } from './unit-item.ts'
import { shownName, unitTypeOf } from './unit-name.ts'

/** What a unit's files say of it. */
export interface UnitOnDisk {
  /** Its file and drop-ins, one after the other; empty where it is masked. */
  readonly unit: ParsedUnit
  /** Paths, in the order in which systemd reads them. */
  readonly dropIns: readonly string[]
  /** How it is enabled, as systemd has the word. */
  readonly state: string
  /** Units in whose `.wants` folders it is linked, in alphabetic order. */
  readonly wantedBy: readonly string[]
}

/** Reads a unit's file and drop-ins. */
export function readUnit(
  { tree, files }: { readonly tree: Tree; readonly files: UnitFiles },
  entry: UnitEntry,
): UnitOnDisk {
  const dropIns = dropInPaths({ tree, files }, entry.name)
  const unit = isMask(tree, entry) ? EMPTY : parsed(tree, [entry.path, ...dropIns])
  const install = {
    isInstallable: INSTALLS.some((key) => valuesOf(unit, 'Install', key).length > 0),
    hasAlso: valuesOf(unit, 'Install', 'Also').length > 0,
    isBroken: isBroken(unit),
  }
  const state = unitFileState({ tree, files, install }, entry)
  return { unit, dropIns, state, wantedBy: wantedBy(files, entry.name) }
}

const INSTALLS = ['WantedBy', 'RequiredBy', 'UpheldBy', 'Alias'] as const

/** The item that files alone tell: what only a running systemd knows is left empty. */
export function unitItem({ unit, dropIns, state, wantedBy: wanting }: UnitOnDisk, { name, path }: UnitEntry): Item {
  const shown = shownName(name)
  const type = unitTypeOf(name) ?? 'service'
  const description = withSpecifiers(valueOf(unit, 'Unit', 'Description'), name)
  return {
    coveredBy: [`${type}s`],
    columns: {
      SvcName: shown,
      SvcDisplayName: description || shown,
      SvcDescription: description || name,
      SvcState: '',
      SvcStartupType: capitalised(state),
      SvcRunlevels: wanting.join(' '),
      SvcPath: path,
      SvcController: 'systemd',
      SvcUnitType: type,
      SvcDropIns: JSON.stringify(dropIns),
      ...(type === 'service'
        ? {
            SvcExecStart: valuesOf(unit, 'Service', 'ExecStart')
              .map((command) => commandLine(command, name))
              .join('; '),
            SvcAccount: withSpecifiers(valueOf(unit, 'Service', 'User'), name),
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

/** Text with those specifiers put in that the unit's name alone tells; others stay as written. */
function withSpecifiers(text: string, unit: string): string {
  const stem = unit.slice(0, unit.lastIndexOf('.'))
  const values: Readonly<Record<string, string>> = { n: unit, N: stem, p: stem, i: '', '%': '%' }
  return text.replace(/%([a-zA-Z%])/g, (whole, letter: string) => values[letter] ?? whole)
}
