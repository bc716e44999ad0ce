import { createHash } from 'node:crypto'

import type { Collection, Gap, Item, ItemColumns, Known } from '../../collector.ts'
import { serviceChange } from '../change.ts'
import type { LoadedUnit, SystemdBus } from '../bus/systemd-bus.ts'
import { type BusValue, numberOf, textOf } from '../bus/value.ts'
import { unreadable } from '../init-kind.ts'
import { needsRestart } from '../needs-restart.ts'
import type { ServicesMachine } from '../services-machine.ts'
import type { Tree } from '../tree.ts'
import type { Heard } from '../signals/heard.ts'
import { nameIn, readUnitFiles, type UnitFiles, unitStamp } from './unit-folders.ts'
import {
  capitalised,
  configuredColumns,
  describedColumns,
  isInUse,
  needsReload,
  ownColumns,
  serviceProperties,
  unitProperties,
} from './unit-item.ts'
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

const UNIT = 'org.freedesktop.systemd1.Unit'
const SERVICE = 'org.freedesktop.systemd1.Service'

/**
 * The units that `list-unit-files` lists, without templates, and the instances of templates that are in use, as systemd
 * itself tells them. Of a unit that is not loaded, what is known is taken while its files are the same: to ask for it would
 * make systemd load it.
 */
export async function collectUnits(look: UnitsLook): Promise<Collection> {
  const { machine, manager, types } = look
  const files = readUnitFiles(machine.tree, types)
  const listed = await manager.listUnits([...types].map((type) => `*.${type}`))
  const loaded = new Map(listed.map((unit) => [unit.name, unit]))
  look.heard?.seed(listed.map(({ name, activeState, subState }) => [name, `${activeState} ${subState}`]))
  const items = new Map<string, Item>()
  const gaps: Gap[] = machine.tree.takeTroubles().map(unreadable)
  const looks = unitsToShow(files, listed).map(async (unit) => {
    const seen = await lookAtUnit(look, { unit, files, loaded: loaded.get(unit) })
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
  const answer = await ask(look, asked, isSame ? known : undefined)
  if (answer.kind === 'refused') return refused(unit, answer.reason)
  const { properties, columns } = answer
  if (textOf(properties.get('LoadState')) === 'not-found' && isGone(look, asked)) return undefined
  if (hasAt(unit) && !isInUse(properties)) return undefined
  const facts = { stamp, isLoaded: loaded === undefined ? 0 : 1, reload: needsReload(properties) ? 1 : 0 }
  const item: Item = { columns, coveredBy: [`${unitTypeOf(unit) ?? 'service'}s`], facts }
  if (look.heard === undefined) return withTold(item, known)
  return told(item, { unit, known, heard: look.heard, nowMs: look.machine.clock.nowMs() })
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

type Told =
  | { readonly kind: 'refused'; readonly reason: string }
  | {
      readonly kind: 'answered'
      readonly properties: ReadonlyMap<string, BusValue>
      readonly columns: ItemColumns
    }

/**
 * Asks for a unit. One that is not loaded is asked for all of it at once, so that it is loaded once. Of others, what is dear to
 * tell is asked for by itself: what its configuration says only where that may have changed.
 */
async function ask(look: UnitsLook, { unit, loaded }: Asked, known: Item | undefined): Promise<Told> {
  const isService = unitTypeOf(unit) === 'service'
  const isWhole = isService && loaded === undefined
  const from = isWhole ? { interface: '', names: serviceProperties } : { interface: UNIT, names: unitProperties }
  const answer = await look.manager.unitProperties(unit, from)
  if (answer.kind === 'refused') return answer
  const shared = { ...describedColumns(answer.properties), ...ownColumns(unit, answer.properties) }
  if (!isService) return { kind: 'answered', properties: answer.properties, columns: shared }
  const reload = needsReload(answer.properties) ? 1 : 0
  const isConfigured = known?.columns.SvcExecStart !== undefined && known.facts?.['reload'] === reload
  const asked = [...(isConfigured ? [] : CONFIGURED), ...(isInUse(answer.properties) ? RUNNING : [])]
  const properties = isWhole ? answer.properties : await withOthers(look.manager, { unit, asked, answer })
  const { SvcExecStart = '', SvcAccount = '' } = isConfigured ? known.columns : configuredColumns(properties)
  return {
    kind: 'answered',
    properties,
    columns: { ...shared, SvcExecStart, SvcAccount, ...runningColumns(look.machine.tree, properties) },
  }
}

const CONFIGURED = ['ExecStart', 'User'] as const
const RUNNING = ['MainPID', 'NRestarts'] as const

function runningColumns(tree: Tree, properties: ReadonlyMap<string, BusValue>): ItemColumns {
  const processId = isInUse(properties) ? numberOf(properties.get('MainPID')) : 0
  const restart = needsRestart(tree, { properties, processId })
  return {
    SvcRestarts: numberOf(properties.get('NRestarts')),
    SvcMainProcessId: processId,
    SvcExecutable: restart.executable,
    SvcNeedsRestart: restart.reasons.length > 0,
    SvcNeedsRestartReason: restart.reasons.join('; '),
  }
}

/** What a unit answered, with these properties of a service beside it. */
async function withOthers(
  manager: SystemdBus,
  {
    unit,
    asked,
    answer,
  }: {
    readonly unit: string
    readonly asked: readonly string[]
    readonly answer: { readonly properties: ReadonlyMap<string, BusValue> }
  },
): Promise<ReadonlyMap<string, BusValue>> {
  const values = await Promise.all(
    asked.map(async (name) => [name, await manager.unitProperty(unit, { interface: SERVICE, name })] as const),
  )
  const others = values.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))
  return new Map([...answer.properties, ...others])
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
