import { ChangeTrackingError } from '../change-tracking-error.ts'
import type { Collection, Gap, Item, Known } from '../collector.ts'
import { SystemdBus } from './bus/systemd-bus.ts'
import type { ServicesMachine } from './services-machine.ts'
import type { ServicesWatch } from './signals/services-watch.ts'
import { listWords, parseUnitList, parseUnits, showWords } from './systemctl.ts'
import { collectUnits } from './units/collect-units.ts'
import { managerColumns } from './units/unit-item.ts'
import type { UnitType } from './units/unit-name.ts'

/** Units asked for in one call: their names together stay far below the limit of a command line (128 KiB a word). */
export const UNITS_ASKED_MAX = 200

/** One look at a machine that systemd runs. */
export interface SystemdLook {
  readonly machine: ServicesMachine
  /** Who listens to systemd, and has a connection already. */
  readonly watch: ServicesWatch | undefined
  readonly known: Known
  readonly types: ReadonlySet<UnitType>
  readonly signal: AbortSignal
}

/** systemd's units, as it tells them over D-Bus; where it cannot be asked, as systemctl tells them, and a gap says so. */
export async function collectSystemd(look: SystemdLook): Promise<Collection> {
  const { machine, watch, types, signal } = look
  const listening = watch?.heardOf(types)
  if (listening !== undefined) {
    const { manager, heard } = listening
    heard.begin(machine.clock.monotonicMs())
    const collection = await collectUnits({ ...look, manager, heard }).catch((error: unknown) => unasked(error, signal))
    heard.end(machine.clock.monotonicMs())
    if (!(collection instanceof ChangeTrackingError)) return collection
  }
  const collection = await collectOnce(look).catch((error: unknown) => unasked(error, signal))
  return collection instanceof ChangeTrackingError ? await collectByCommand(look, collection.message) : collection
}

async function collectOnce(look: SystemdLook): Promise<Collection> {
  const { tree, userId, clock } = look.machine
  await using manager = await SystemdBus.open(tree.root, { userId, clock, signal: look.signal })
  return await collectUnits({ ...look, manager, heard: undefined })
}

/** Why systemd could not be asked; throws what is something else. */
function unasked(error: unknown, signal: AbortSignal): ChangeTrackingError {
  if (!signal.aborted && error instanceof ChangeTrackingError && error.code === 'bus-failed') return error
  throw error
}

/** By the described command. What only systemd itself can tell stays as it is known. */
async function collectByCommand({ machine, known, signal }: SystemdLook, why: string): Promise<Collection> {
  const { run } = machine
  const list = await run('systemctl', listWords, signal)
  if (list.kind === 'missing') return unseen(`there is no systemctl here, and ${why}`)
  if (list.code !== 0) return unseen(`${sentence(list.complaint) || 'systemctl failed'}; ${why}`)
  const units = parseUnitList(list.output)
  const items = new Map<string, Item>()
  const problems: string[] = []
  for (let from = 0; from < units.length; from += UNITS_ASKED_MAX) {
    const asked = units.slice(from, from + UNITS_ASKED_MAX)
    const shown = await run('systemctl', showWords(asked), signal)
    if (shown.kind === 'missing' || shown.code !== 0)
      return unseen(`systemctl show failed: ${shown.kind === 'ran' ? sentence(shown.complaint) : ''}; ${why}`)
    const parsed = parseUnits(shown.output, asked)
    for (const [key, item] of parsed.items) items.set(key, withKnown(item, known.get(key)))
    problems.push(...parsed.problems)
  }
  const unsettled = new Set(
    [...known.entries()].map(([key]) => key).filter((key) => !items.has(key) && NOT_LISTED.test(key)),
  )
  return { items, unsettled, gaps: [instead(why), ...problems.map(damage)], isComplete: problems.length === 0 }
}

/** What the command does not list is not gone. */
const NOT_LISTED = /@|\.(?:timer|socket)$/

function withKnown(item: Item, known: Item | undefined): Item {
  const kept = managerColumns.flatMap((column) => {
    const cell = known?.columns[column]
    return cell === undefined ? [] : [[column, cell] as const]
  })
  return { ...item, columns: { ...item.columns, ...Object.fromEntries(kept) } }
}

/** Characters of a program's complaint that are told. */
const COMPLAINT_MAX = 500

/** What a program complained of, in one line. */
function sentence(complaint: string): string {
  const lines = complaint.split('\n').map((line) => line.trim().replace(/\.$/, ''))
  return lines
    .filter((line) => line !== '')
    .join('; ')
    .slice(0, COMPLAINT_MAX)
}

function instead(why: string): Gap {
  const detail = `systemd cannot be asked (${why}): systemctl is asked instead, on schedule, and running instances of templates, timers, sockets and what goes beyond its answer are not seen`
  return { reason: 'watch-unavailable', subject: 'systemd', detail }
}

function unseen(why: string): Collection {
  const detail = `daemons are not seen: ${why} (is systemd running as process 1?)`
  return { items: new Map(), isComplete: false, gaps: [{ reason: 'source-missing', subject: 'systemd', detail }] }
}

function damage(problem: string): Gap {
  return { reason: 'source-damaged', subject: 'systemd', detail: `${problem}; daemons stay as last seen` }
}
