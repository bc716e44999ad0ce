import { createHash } from 'node:crypto'

import type { Collection, Gap, Item, ItemColumns, Known } from '../../collector.ts'
import { serviceChange } from '../change.ts'
import type { LoadedUnit, SystemdBus } from '../bus/systemd-bus.ts'
import { textOf } from '../bus/value.ts'
import { unreadable } from '../init-kind.ts'
import type { ServicesMachine } from '../services-machine.ts'
import type { Heard } from '../signals/heard.ts'
import { askUnit } from './ask-unit.ts'
import { nameIn, readUnitFiles, type UnitFiles, unitStamp } from './unit-folders.ts'
import { type Enabled, type ToldByFiles, toldByFiles } from './told-by-files.ts'
import { capitalised, isInUse, needsReload } from './unit-item.ts'
import { hasAt, shownName, type UnitType, unitTypeOf } from './unit-name.ts'

/** One look at systemd's units. */
export interface UnitsLook {
  readonly machine: ServicesMachine
  readonly manager: SystemdBus
  readonly types: ReadonlySet<UnitType>
  readonly known: Known
  /** What systemd said by itself since the last look, where somebody listens. */
  readonly heard: Heard | undefined
}

/**
 * The units that `list-unit-files` lists, without templates, and the instances of templates that are in use, as systemd
 * itself tells them. Of a unit that is not loaded, what is known is taken while its files are the same, and what its files
 * say where they can tell it: to ask for it would make systemd load it.
 */
export async function collectUnits(look: UnitsLook): Promise<Collection> {
  const { machine, manager, types } = look
  const files = readUnitFiles(machine.tree, types)
  const [listed, loadedMs] = await Promise.all([
    manager.listUnits([...types].map((type) => `*.${type}`)),
    manager.loadedMs(),
  ])
  const byFiles = toldByFiles({ tree: machine.tree, files, loadedMs })
  const loaded = new Map(listed.map((unit) => [unit.name, unit]))
  look.heard?.seed(listed.map(({ name, activeState, subState }) => [name, `${activeState} ${subState}`]))
  const items = new Map<string, Item>()
  const gaps: Gap[] = machine.tree.takeTroubles().map(unreadable)
  const looks = unitsToShow(files, listed).map(async (unit) => {
    const seen = await lookAtUnit(look, { unit, files, loaded: loaded.get(unit), byFiles })
    if (seen === undefined) return
    if ('reason' in seen) gaps.push(seen)
    else items.set(String(seen.columns.SvcName), seen)
  })
  await Promise.all(looks)
  return { items, gaps, isComplete: true }
}

/** Names to ask for; an alias of a unit that is asked for anyway is left out. */
function unitsToShow(files: UnitFiles, listed: readonly LoadedUnit[]): string[] {
  const names = [...files.units.values()].flatMap(({ name, target }) => {
    const other = target === undefined ? name : nameIn(target)
    const isAlias = other !== name && files.units.get(other)?.target === undefined && files.units.has(other)
    return hasAt(name) || isAlias ? [] : [name]
  })
  const instances = listed.filter(({ name, activeState }) => hasAt(name) && activeState !== 'inactive')
  return [...names, ...instances.map(({ name }) => name)]
}

interface Asked {
  readonly unit: string
  readonly files: UnitFiles
  readonly loaded: LoadedUnit | undefined
  readonly byFiles: ToldByFiles
}

async function lookAtUnit(look: UnitsLook, asked: Asked): Promise<Item | Gap | undefined> {
  const { unit, files, loaded } = asked
  const stamp = createHash('sha256')
    .update(unitStamp(look.machine.tree, files, unit))
    .digest('base64url')
  const known = look.known.get(shownName(unit))
  const isSame = known?.facts?.['stamp'] === stamp
  if (known !== undefined && look.heard?.isHeld(unit) === true) return known
  if (isSame && loaded === undefined && known?.facts?.['isLoaded'] === 0) return known
  if (isSame && look.heard?.isQuiet(unit) === true && isAsKnown(known, loaded)) return known
  const fromFiles = loaded === undefined ? asked.byFiles.unloaded(unit) : undefined
  if (fromFiles !== undefined) return withHeard(look, { ...fromFiles, facts: { stamp, isLoaded: 0, reload: 0 } }, unit)
  const { machine, manager } = look
  const same = isSame ? known : undefined
  const enabled = loaded === undefined ? undefined : asked.byFiles.enabled(unit, enabledAsKnown(same))
  const answer = await askUnit({ tree: machine.tree, manager }, { unit, loaded, enabled, known: same })
  if (answer.kind === 'refused') return refused(unit, answer.reason)
  const { properties, columns } = answer
  if (textOf(properties.get('LoadState')) === 'not-found' && isGone(look, asked)) return undefined
  if (hasAt(unit) && !isInUse(properties)) return undefined
  const facts = {
    stamp,
    isLoaded: loaded === undefined ? 0 : 1,
    reload: needsReload(properties) ? 1 : 0,
    ...(isByFiles(columns, enabled) ? { byFiles: 1 } : {}),
  }
  return withHeard(look, { columns, coveredBy: [`${unitTypeOf(unit) ?? 'service'}s`], facts }, unit)
}

/** Whether a unit is where its files have it, and enabled as they say. */
function isByFiles({ SvcPath, SvcStartupType }: ItemColumns, enabled: Enabled | undefined): boolean {
  return enabled !== undefined && SvcPath === enabled.path && SvcStartupType === capitalised(enabled.state)
}

/** How a unit is enabled as it was read from its files, which are the same since. */
function enabledAsKnown(known: Item | undefined): Enabled | undefined {
  if (known?.facts?.['byFiles'] !== 1) return undefined
  const { SvcPath = '', SvcStartupType = '' } = known.columns
  const word = String(SvcStartupType)
  return { path: String(SvcPath), state: word.slice(0, 1).toLowerCase() + word.slice(1) }
}

/** Whether systemd's list says of a unit what is known of it. */
function isAsKnown(known: Item | undefined, loaded: LoadedUnit | undefined): boolean {
  return (
    loaded !== undefined &&
    known?.columns.SvcState === capitalised(loaded.subState) &&
    known.columns.SvcDescription === loaded.description
  )
}

/** Its file was there when the folders were read, and went before systemd looked for it. */
function isGone({ machine }: UnitsLook, { unit, files }: Asked): boolean {
  const path = files.units.get(unit)?.path
  return path === undefined || (machine.tree.linkTarget(path) ?? machine.tree.status(path)) === undefined
}

function refused(unit: string, reason: string): Gap {
  const detail = `systemd does not tell of ${unit} (${reason}); it stays as last seen`
  return { reason: 'source-damaged', subject: unit, detail, key: shownName(unit) }
}

/** The item, with how many of the unit's state changes were told of it where somebody listens. */
function withHeard(look: UnitsLook, item: Item, unit: string): Item {
  const known = look.known.get(shownName(unit))
  if (look.heard === undefined) return withTold(item, known)
  return told(item, { unit, known, heard: look.heard, nowMs: look.machine.clock.nowMs() })
}

/** Keeps with the item how many state changes were told with it, where this look will tell of it. */
function told(
  item: Item,
  {
    unit,
    known,
    heard,
    nowMs,
  }: {
    readonly unit: string
    readonly known: Item | undefined
    readonly heard: Heard
    readonly nowMs: number
  },
): Item {
  const untold = heard.untold(unit, known?.facts, nowMs)
  const before = withTold(item, known)
  if (untold === undefined) return before
  const isTold = untold.isFlapping || serviceChange(known, before) !== undefined
  return isTold ? { ...item, facts: { ...item.facts, ...untold.facts } } : before
}

function withTold(item: Item, known: Item | undefined): Item {
  const { session, told: count, changes, fromMs } = known?.facts ?? {}
  if (session === undefined || count === undefined) return item
  const before = {
    session,
    told: count,
    ...(changes === undefined ? {} : { changes }),
    ...(fromMs === undefined ? {} : { fromMs }),
  }
  return { ...item, facts: { ...item.facts, ...before } }
}
