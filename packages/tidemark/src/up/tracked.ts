import type { MachineStatus } from '../status/machine-status.ts'
import type { UpScreen } from './screen.ts'
import type { UpPlaces } from './settings.ts'
import type { Supervised } from './supervise.ts'

interface Circumstances {
  /** What went wrong while starting, one line each. */
  readonly troubles: readonly string[]
  readonly uid: number
  readonly agent: Pick<Supervised, 'state'>
  readonly tracking: Pick<Supervised, 'state'>
  readonly places: UpPlaces
}

const NOUNS: Readonly<Record<string, string>> = { Files: 'files', Software: 'packages', Daemons: 'daemons' }

/** The parts of the screen that depend on what the programs found. */
export function whatIsTracked(
  status: MachineStatus,
  circumstances: Circumstances,
): Pick<UpScreen, 'tracked' | 'notTracked' | 'tryNext'> {
  const { troubles, uid, places } = circumstances
  const tracked = Object.entries(status.tracking?.types ?? {})
    .filter(([, { count }]) => count > 0)
    .map(([type, { count }]) => `${count.toLocaleString('en')} ${NOUNS[type] ?? type}`)
  const gaps = (status.tracking?.gaps ?? []).map(({ detail }) => detail)
  const rights = uid === 0 ? [] : ['not root: what only root may read stays unseen; "sudo npm start" sees it']
  return {
    tracked,
    notTracked: [...troubles, ...rights, ...shortened(gaps)],
    tryNext: [
      { command: 'npx tidemark changes --since 1h', meaning: 'what changed' },
      { command: 'npx tidemark status', meaning: 'is all well, and if not, what is wrong' },
      { command: 'npx tidemark inventory software --text ssl', meaning: 'what is installed' },
      { command: "npx tidemark query 'ConfigurationChange | count'", meaning: 'ask in KQL' },
      { command: `tail -f ${places.logs}/*.log`, meaning: 'what the programs say' },
    ],
  }
}

const GAPS_SHOWN_MAX = 5

function shortened(lines: readonly string[]): string[] {
  if (lines.length <= GAPS_SHOWN_MAX) return [...lines]
  return [
    ...lines.slice(0, GAPS_SHOWN_MAX),
    `and ${lines.length - GAPS_SHOWN_MAX} more: "npx tidemark status" lists them`,
  ]
}
