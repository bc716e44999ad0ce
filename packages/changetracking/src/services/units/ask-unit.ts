import type { Item, ItemColumns } from '../../collector.ts'
import type { LoadedUnit, SystemdBus, UnitAnswer } from '../bus/systemd-bus.ts'
import { type BusValue, numberOf, textOf } from '../bus/value.ts'
import { needsRestart } from '../needs-restart.ts'
import type { Tree } from '../tree.ts'
import type { Enabled } from './told-by-files.ts'
import {
  configuredColumns,
  describedColumns,
  isInUse,
  needsReload,
  ownColumns,
  serviceProperties,
  unitProperties,
} from './unit-item.ts'
import { unitTypeOf } from './unit-name.ts'

const UNIT = 'org.freedesktop.systemd1.Unit'
const SERVICE = 'org.freedesktop.systemd1.Service'

type Properties = ReadonlyMap<string, BusValue>

/** What is told of a unit, by systemd and its files together. */
export type UnitTold =
  | { readonly kind: 'refused'; readonly reason: string }
  | {
      readonly kind: 'answered'
      readonly properties: ReadonlyMap<string, BusValue>
      readonly columns: ItemColumns
    }

/** What is asked for, and what is known of it beforehand. */
export interface UnitQuestion {
  readonly unit: string
  /** What systemd's list says of it, where it is loaded. */
  readonly loaded: LoadedUnit | undefined
  /** What its files say of it, where they can. */
  readonly enabled: Enabled | undefined
  /** The item as it was seen last, where its files are the same since. */
  readonly known: Item | undefined
}

interface Machine {
  readonly tree: Tree
  readonly manager: SystemdBus
}

/**
 * Asks for a unit. One that is not loaded is asked for all of it at once, so that it is loaded once. Of others, what is dear to
 * tell is asked for by itself: what its configuration says only where that may have changed, and how it is enabled only where
 * its files cannot tell.
 */
export async function askUnit({ tree, manager }: Machine, question: UnitQuestion): Promise<UnitTold> {
  const { unit, loaded, known } = question
  const isService = unitTypeOf(unit) === 'service'
  const isWhole = isService && loaded === undefined
  const answer = isWhole
    ? await manager.unitProperties(unit, { interface: '', names: serviceProperties })
    : ((await askLoaded(manager, question)) ??
      (await manager.unitProperties(unit, { interface: UNIT, names: unitProperties })))
  if (answer.kind === 'refused') return answer
  const shared = { ...describedColumns(answer.properties), ...ownColumns(unit, answer.properties) }
  if (!isService) return { kind: 'answered', properties: answer.properties, columns: shared }
  const reload = needsReload(answer.properties) ? 1 : 0
  const isConfigured = known?.columns.SvcExecStart !== undefined && known.facts?.['reload'] === reload
  const names = [...(isConfigured ? [] : CONFIGURED), ...(isInUse(answer.properties) ? RUNNING : [])]
  const others = isWhole ? undefined : await propertiesOf(manager, { unit, interface: SERVICE, names })
  const properties = new Map([...answer.properties, ...(others ?? [])])
  const { SvcExecStart = '', SvcAccount = '' } = isConfigured ? known.columns : configuredColumns(properties)
  return {
    kind: 'answered',
    properties,
    columns: { ...shared, SvcExecStart, SvcAccount, ...runningColumns(tree, properties) },
  }
}

const CONFIGURED = ['ExecStart', 'User'] as const
const RUNNING = ['MainPID', 'NRestarts'] as const

/**
 * The properties of a loaded unit, one by one, without the one that is dear, for the files tell it. `undefined` where systemd has it
 * from another file than they say, or does not tell one of them.
 */
async function askLoaded(
  manager: SystemdBus,
  { unit, loaded, enabled }: UnitQuestion,
): Promise<UnitAnswer | undefined> {
  if (loaded === undefined || enabled === undefined || loaded.loadState !== 'loaded') return undefined
  const listed = new Map<string, BusValue>([
    ['Id', loaded.name],
    ['Description', loaded.description],
    ['LoadState', loaded.loadState],
    ['ActiveState', loaded.activeState],
    ['SubState', loaded.subState],
    ['UnitFileState', enabled.state],
  ])
  const names = isInUse(listed) ? [...LOADED, 'ActiveEnterTimestamp'] : LOADED
  const told = await propertiesOf(manager, { unit, interface: UNIT, names })
  if (told.size < names.length || textOf(told.get('FragmentPath')) !== enabled.path) return undefined
  return { kind: 'answered', properties: new Map([...listed, ...told]) }
}

const LOADED: readonly string[] = ['WantedBy', 'FragmentPath', 'DropInPaths', 'NeedDaemonReload']

function runningColumns(tree: Tree, properties: Properties): ItemColumns {
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

/** These properties of a unit, those that it has, each asked for by itself. */
async function propertiesOf(
  manager: SystemdBus,
  {
    unit,
    interface: face,
    names,
  }: { readonly unit: string; readonly interface: string; readonly names: readonly string[] },
): Promise<Properties> {
  const values = await Promise.all(
    names.map(async (name) => [name, await manager.unitProperty(unit, { interface: face, name })] as const),
  )
  return new Map(values.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])))
}
