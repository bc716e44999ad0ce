import type { Collection, Collector, Gap, Item } from '../collector.ts'
import type { RunCommand } from '../host/run.ts'
import { serviceChange } from './change.ts'
import { listWords, parseUnitList, parseUnits, showWords } from './systemctl.ts'

/** Units asked for in one call: their names together stay far below the limit of a command line (128 KiB a word). */
export const UNITS_ASKED_MAX = 200

/** The services of systemd, as unit files and the manager tell them. */
export function servicesCollector(run: RunCommand): Collector {
  return {
    type: 'Daemons',
    coverage: () => ['services'],
    change: serviceChange,
    collect: async (_known, signal) => await collect(run, signal),
  }
}

async function collect(run: RunCommand, signal: AbortSignal): Promise<Collection> {
  const list = await run('systemctl', listWords, signal)
  if (list.kind === 'missing') return unseen('daemons are not seen: there is no systemctl here')
  if (list.code !== 0) return unseen(`daemons are not seen: ${sentence(list.complaint) || 'systemctl failed'}`)
  const units = parseUnitList(list.output)
  const items = new Map<string, Item>()
  const problems: string[] = []
  for (let from = 0; from < units.length; from += UNITS_ASKED_MAX) {
    const asked = units.slice(from, from + UNITS_ASKED_MAX)
    const shown = await run('systemctl', showWords(asked), signal)
    if (shown.kind === 'missing' || shown.code !== 0)
      return unseen(
        `daemons are not seen: systemctl show failed: ${shown.kind === 'ran' ? sentence(shown.complaint) : ''}`,
      )
    const parsed = parseUnits(shown.output, asked)
    for (const [key, item] of parsed.items) items.set(key, item)
    problems.push(...parsed.problems)
  }
  return { items, gaps: problems.map(damage), isComplete: problems.length === 0 }
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

function unseen(detail: string): Collection {
  return {
    items: new Map(),
    isComplete: false,
    gaps: [{ reason: 'source-missing', subject: 'systemd', detail: `${detail} (is systemd running as process 1?)` }],
  }
}

function damage(problem: string): Gap {
  return { reason: 'source-damaged', subject: 'systemd', detail: `${problem}; daemons stay as last seen` }
}
