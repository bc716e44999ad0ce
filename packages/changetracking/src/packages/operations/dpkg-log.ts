import { localTimeMs, timeName } from './local-time.ts'
import { beginning, linesOf, LogProblems } from './log-lines.ts'
import { OperationNames } from './operation-id.ts'
import {
  atWork,
  type HowLogIsRead,
  type LoggedOperation,
  type LogReading,
  type Operation,
  type PackageAction,
  type PackageStep,
} from './operation.ts'
import { compareDebianVersions } from './debian-version.ts'

// dpkg(1), --log: "YYYY-MM-DD HH:MM:SS startup type command", "… status state pkg installed-version", "… action pkg
// installed-version available-version", "… conffile filename decision". It is written unbuffered, each line before the deed.
const ACTIONS: Readonly<Record<string, PackageAction>> = {
  install: 'install',
  upgrade: 'upgrade',
  remove: 'remove',
  purge: 'purge',
  disappear: 'disappear',
  configure: 'configure',
  trigproc: 'trigger',
}
/** States in which a package may stay when dpkg ended well. */
const SETTLED: ReadonlySet<string> = new Set([
  'installed',
  'config-files',
  'not-installed',
  'triggers-awaited',
  'triggers-pending',
])

interface Run {
  readonly at: number
  readonly time: string
  readonly command: string
  readonly steps: Map<string, PackageStep>
  /** The last state of each package, `name:architecture`. */
  readonly states: Map<string, string>
  lastTime: string
}

/**
 * Reads dpkg.log, from any place in it: one operation for each run of dpkg, those that apt started included. The last one has
 * no outcome: it may be at work. A run that did nothing to any package is none.
 */
export function parseDpkgLog(text: string, { isOver }: HowLogIsRead = atWork): LogReading {
  const problems = new LogProblems()
  const runs: Run[] = []
  for (const { text: line, at, number } of linesOf(text)) {
    const [, time = '', word = '', rest = ''] = /^(\S+ \S+) (\S+) (.*)$/.exec(line) ?? []
    if (word === 'startup') {
      if (localTimeMs(time) === undefined) problems.tell(number, `${beginning(line)} has no possible date`)
      runs.push({ at, time, command: rest, steps: new Map(), states: new Map(), lastTime: time })
      continue
    }
    const run = runs.at(-1)
    if (run === undefined || line.trim() === '') continue
    if (word !== '' && localTimeMs(time) !== undefined) run.lastTime = time
    const complaint = take(run, word, rest)
    if (complaint !== undefined) problems.tell(number, `${beginning(line)} ${complaint}`)
  }
  const names = new OperationNames('dpkg')
  const operations: LoggedOperation[] = []
  for (const [index, run] of runs.entries()) {
    // Named also where it is none: how many there were in one second must not depend on what they did.
    const id = names.next(timeName(run.time), run.command)
    if (run.steps.size > 0)
      operations.push({ at: run.at, operation: operationOf(run, { id, isLast: index === runs.length - 1 && !isOver }) })
  }
  return { operations, problems: problems.found }
}

function take(run: Run, word: string, rest: string): string | undefined {
  if (word === 'conffile') return undefined
  const [first = '', second = '', third = ''] = rest.split(' ')
  if (word === 'status' && second !== '') return void run.states.set(second, first)
  const action = Object.hasOwn(ACTIONS, word) ? ACTIONS[word] : undefined
  if (action === undefined || second === '') return 'is not understood'
  const known = run.steps.get(first)
  // A package is configured after it was unpacked, and purged after it was removed: that is one step.
  if (known !== undefined && (action === 'configure' || action === 'trigger')) return undefined
  run.steps.set(first, stepOf({ package: first, action, from: known?.from ?? second, to: third }))
  return undefined
}

function stepOf(step: { package: string; action: PackageAction; from: string; to: string }): PackageStep {
  const [name = '', architecture] = step.package.split(':')
  const [from, to] = [step.from, step.to].map((version) => (/^<.*>$|^$/.test(version) ? undefined : version))
  const isChange = step.action !== 'configure' && step.action !== 'trigger'
  const after = isChange ? to : from
  return {
    name,
    ...(architecture === undefined ? {} : { architecture }),
    action: step.action === 'upgrade' && from !== undefined && to !== undefined ? directionOf(from, to) : step.action,
    ...(isChange && from !== undefined ? { from } : {}),
    ...(after === undefined ? {} : { to: after }),
  }
}

/** dpkg says "upgrade" for whatever replaces an installed version. */
function directionOf(from: string, to: string): PackageAction {
  const order = compareDebianVersions(from, to)
  if (order === 0) return 'reinstall'
  return order < 0 ? 'upgrade' : 'downgrade'
}

function operationOf(run: Run, { id, isLast }: { id: string; isLast: boolean }): Operation {
  const all = [...run.steps.values()]
  const told = all.filter(({ action }) => action !== 'trigger')
  return {
    id,
    source: 'dpkg',
    startMs: localTimeMs(run.time),
    endMs: isLast ? undefined : localTimeMs(run.lastTime),
    packages: told.length > 0 ? told : all,
    ...(isLast ? { outcome: undefined, outcomeDetail: '' } : dpkgEnd(run)),
  }
}

/** How a run ended that is over, for no line says so: by the states in which it left its packages. */
function dpkgEnd(run: Pick<Run, 'states' | 'command'>): Pick<Operation, 'outcome' | 'outcomeDetail'> {
  const isUnpacking = run.command.endsWith('unpack')
  const left = [...run.states].filter(([, state]) => !SETTLED.has(state) && !(isUnpacking && state === 'unpacked'))
  if (left.length === 0) return { outcome: 'completed', outcomeDetail: '' }
  const outcome = left.some(([, state]) => state === 'half-installed') ? 'interrupted' : 'failed'
  const shown = left.slice(0, LEFT_SHOWN_MAX).map(([name, state]) => `${name} is ${state}`)
  return { outcome, outcomeDetail: `${shown.join(', ')}${left.length > shown.length ? ', …' : ''}` }
}

/** Packages that are named where they were left half-way. */
const LEFT_SHOWN_MAX = 10
