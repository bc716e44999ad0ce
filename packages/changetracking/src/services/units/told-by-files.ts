import type { Item } from '../../collector.ts'
import type { Tree } from '../tree.ts'
import { parseUnitFile, UNIT_FILE_BYTES_MAX, valueOf, valuesOf, wordsOf } from './unit-file.ts'
import { readUnit, unitItem, type UnitOnDisk } from './unit-from-files.ts'
import { type UnitEntry, type UnitFiles, unitFolders } from './unit-folders.ts'
import { hasAt, unitTypeOf } from './unit-name.ts'

/** The file of a unit, and how it is enabled, as systemd has the word. */
export interface Enabled {
  readonly path: string
  readonly state: string
}

/** What files tell of units that systemd has read as they are now; `undefined` where only systemd itself can tell it. */
export interface ToldByFiles {
  /**
   * Where the unit's own file lies and how it is enabled: to compute the latter costs systemd more than everything else.
   * `known` is what was told before of the same files.
   */
  enabled(unit: string, known?: Enabled): Enabled | undefined
  /** The whole item of a unit that is not loaded: systemd would load it to tell the same. */
  unloaded(unit: string): Item | undefined
}

/**
 * What can be taken from files: nothing where one of them changed after `loadedMs`, when systemd began to read them last
 * (milliseconds since 1970, `undefined` where it does not say), for systemd then believes something else.
 */
export function toldByFiles({
  tree,
  files,
  loadedMs,
}: {
  readonly tree: Tree
  readonly files: UnitFiles
  readonly loadedMs: number | undefined
}): ToldByFiles {
  const read = new Map<string, UnitOnDisk>()
  const onDisk = (entry: UnitEntry): UnitOnDisk => {
    const known = read.get(entry.name) ?? readUnit({ tree, files }, entry)
    read.set(entry.name, known)
    return known
  }
  // Both are looked at when somebody asks first: a look for which everything is known needs neither.
  const isAsRead = once(() => loadedMs !== undefined && !hasChangedSince(tree, loadedMs - CTIME_STEP_MS_MAX))
  const isWanted = once(() => wantedUnits(tree))
  const plain = (unit: string): UnitEntry | undefined => {
    const entry = files.units.get(unit)
    return entry === undefined || entry.target !== undefined || hasAt(unit) || !isAsRead() ? undefined : entry
  }
  return {
    enabled: (unit, known) => {
      const entry = plain(unit)
      if (entry === undefined || known !== undefined) return entry && known
      const { state } = onDisk(entry)
      return UNUSUAL_STATES.has(state) ? undefined : { path: entry.path, state }
    },
    unloaded: (unit) => {
      const entry = plain(unit)
      if (entry === undefined) return undefined
      const disk = onDisk(entry)
      if (!isPlain(disk, unit) || disk.wantedBy.length > 0 || isWanted()(unit)) return undefined
      return asUnloaded(unitItem(disk, entry))
    },
  }
}

/** Times of files go in steps: what is written just after a moment may have a time just before it (10 ms with HZ=100). */
const CTIME_STEP_MS_MAX = 10
/** Folders that systemd alone fills: with what it has loaded, and while it reads everything. */
const OWN_FOLDERS = /^\/run\/systemd\/(?:transient|generator(?:\.early|\.late)?)$/

/** Whether a unit folder, one in it, or a file there was changed since a moment. */
function hasChangedSince(tree: Tree, sinceMs: number): boolean {
  const isNew = (path: string): boolean => (tree.status(path)?.changedMs ?? 0) >= sinceMs
  return unitFolders
    .filter((folder) => !OWN_FOLDERS.test(folder))
    .some(
      (folder) =>
        isNew(folder) ||
        tree.names(folder).some(({ name, kind }) => {
          const path = `${folder}/${name}`
          if (kind !== 'folder') return isNew(path)
          if (isNew(path)) return true
          return name.endsWith('.d') && tree.names(path).some((dropIn) => isNew(`${path}/${dropIn.name}`))
        }),
    )
}

/** Whether a unit may be wanted by one whose file says so: to load one loads the other, and then systemd tells of it. */
function wantedUnits(tree: Tree): (unit: string) => boolean {
  const names = new Set<string>()
  const patterns: RegExp[] = []
  const add = (path: string): void => {
    const bytes = tree.read(path, UNIT_FILE_BYTES_MAX)
    if (bytes === undefined || !Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes('Wants')) return
    for (const { key, value } of parseUnitFile(bytes).assignments)
      if (key === 'Wants')
        for (const word of wordsOf(value)) {
          if (!word.includes('%')) names.add(word)
          // What a specifier stands for depends on the unit: anything may.
          else patterns.push(new RegExp(`^${word.split(/%./).map(escaped).join('.*')}$`))
        }
  }
  for (const folder of unitFolders)
    for (const { name, kind } of tree.names(folder)) {
      const path = `${folder}/${name}`
      if (kind === 'file') add(path)
      else if (kind === 'folder' && name.endsWith('.d'))
        for (const dropIn of tree.names(path)) add(`${path}/${dropIn.name}`)
    }
  return (unit) => names.has(unit) || patterns.some((pattern) => pattern.test(unit))
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

/** Whether systemd is sure to understand a unit's files as we do: everything unusual is left to it. */
function isPlain({ unit, state }: UnitOnDisk, name: string): boolean {
  if (unit.problems.length > 0 || UNUSUAL_STATES.has(state)) return false
  if (!PLAIN_TEXT.test(valueOf(unit, 'Unit', 'Description'))) return false
  if (unitTypeOf(name) !== 'service') return true
  return (
    valuesOf(unit, 'Service', 'ExecStart').every((command) => PLAIN_COMMAND.test(command)) &&
    valuesOf(unit, 'Service', 'User').every((user) => PLAIN_USER.test(user))
  )
}

/** States that are no file of its own. */
const UNUSUAL_STATES: ReadonlySet<string> = new Set(['masked', 'masked-runtime', 'alias', 'bad', 'transient'])
/** Of specifiers only those that the unit's name tells. */
const PLAIN_TEXT = /^(?:[^%]|%[nNpi%])*$/
/** A path and words without specifiers, marks of quoting or several commands in one line. */
const PLAIN_COMMAND = /^[@:+!|-]*\/[^%\\"';]*$/
const PLAIN_USER = /^[a-z_][a-z0-9_-]*$/

/** The item as systemd tells of a unit that it has just loaded. */
function asUnloaded({ columns, coveredBy }: Item): Item {
  const isService = columns.SvcUnitType === 'service'
  // Without a description, it is called by its whole name.
  const SvcDisplayName = columns.SvcDescription ?? ''
  return { coveredBy, columns: { ...columns, SvcDisplayName, SvcState: 'Dead', ...(isService ? NOTHING_RUNS : {}) } }
}

const NOTHING_RUNS = {
  SvcRestarts: 0,
  SvcMainProcessId: 0,
  SvcExecutable: '',
  SvcNeedsRestart: false,
  SvcNeedsRestartReason: '',
} as const

function once<T>(action: () => T): () => T {
  let kept: { readonly value: T } | undefined
  return () => (kept ??= { value: action() }).value
}
