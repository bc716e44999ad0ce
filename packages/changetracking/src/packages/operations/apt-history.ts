import { redactCommandLineText } from '../../who/redact.ts'
import { localTimeMs, timeName } from './local-time.ts'
import { beginning, linesOf, LogProblems, utf8 } from './log-lines.ts'
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

// apt's tags (apt-pkg/deb/dpkgpm.cc, pkgDPkgPM::OpenLog and CloseLog). Everything up to the packages is written in one piece
// before dpkg is started, Disappeared, Error and End-Date after it has ended.
const ACTIONS: Readonly<Record<string, PackageAction>> = {
  Install: 'install',
  Reinstall: 'reinstall',
  Upgrade: 'upgrade',
  Downgrade: 'downgrade',
  Remove: 'remove',
  Purge: 'purge',
  Disappeared: 'disappear',
}

interface Entry {
  readonly at: number
  readonly line: number
  readonly start: string
  end?: string
  commandLine?: string
  requestedBy?: string
  error?: string
  packages: PackageStep[]
}

/**
 * Reads apt's history.log, from any place in it: what comes before the first `Start-Date` is passed over. An entry without an
 * end has no outcome where it is the last one (apt may be at work), and was interrupted where another one follows.
 */
export function parseAptHistory(text: string, { isOver }: HowLogIsRead = atWork): LogReading {
  const problems = new LogProblems()
  const entries: Entry[] = []
  let isBegun = false
  for (const { text: line, at, number } of linesOf(text)) {
    const colon = line.indexOf(': ')
    const [tag, value] = colon < 0 ? [line.replace(/:$/, ''), ''] : [line.slice(0, colon), line.slice(colon + 2)]
    if (tag === 'Start-Date') {
      isBegun = true
      entries.push({ at, line: number, start: value.trim(), packages: [] })
      continue
    }
    const entry = entries.at(-1)
    if (line.trim() === '' || !isBegun || entry === undefined) continue
    const complaint = entry.end === undefined ? take(entry, tag, value) : 'stands behind the end of its entry'
    if (complaint !== undefined) problems.tell(number, `${beginning(line)} ${complaint}`)
  }
  const names = new OperationNames('apt')
  const operations: LoggedOperation[] = []
  for (const [index, entry] of entries.entries()) {
    // Seen while its first piece is written: there is more to come.
    if (entry.packages.length === 0 && entry.end === undefined && index === entries.length - 1 && !isOver) continue
    if (localTimeMs(entry.start) === undefined) problems.tell(entry.line, `${beginning(entry.start)} is no date`)
    operations.push({
      at: entry.at,
      operation: operationOf(entry, { names, isLast: index === entries.length - 1 && !isOver }),
    })
  }
  return { operations, problems: problems.found }
}

function take(entry: Entry, tag: string, value: string): string | undefined {
  const action = Object.hasOwn(ACTIONS, tag) ? ACTIONS[tag] : undefined
  if (action !== undefined) {
    const steps = packagesOf(value, action)
    entry.packages.push(...(steps ?? []))
    return steps === undefined ? 'is no list of packages' : undefined
  }
  if (tag === 'Commandline') entry.commandLine = value
  else if (tag === 'Requested-By') entry.requestedBy = value
  else if (tag === 'Error') entry.error = value
  else if (tag === 'End-Date') entry.end = value.trim()
  else if (tag !== 'Comment') return 'is not known'
  return undefined
}

/** `a:amd64 (1.0, automatic), b:all (1, 2)`; `undefined` where there is anything else in it. */
function packagesOf(text: string, action: PackageAction): PackageStep[] | undefined {
  const steps: PackageStep[] = []
  const pattern = /([^\s,:()]+)(?::([^\s,:()]+))? \(([^()]*)\)(?:, |$)/y
  while (pattern.lastIndex < text.length) {
    const found = pattern.exec(text)
    if (found === null) return undefined
    const [, name = '', architecture, inside = ''] = found
    const words = inside.split(', ')
    const isAutomatic = words.includes('automatic')
    const [one, other] = words.filter((word) => word !== 'automatic')
    steps.push({
      name,
      ...(architecture === undefined ? {} : { architecture }),
      action,
      ...versionsOf(action, one, other),
      ...(isAutomatic ? { isAutomatic } : {}),
    })
  }
  return steps
}

function versionsOf(action: PackageAction, one = '', other = ''): Pick<PackageStep, 'from' | 'to'> {
  if (other !== '') return { from: one, to: other }
  if (one === '') return {}
  if (action === 'reinstall') return { from: one, to: one }
  return action === 'install' ? { to: one } : { from: one }
}

function operationOf(entry: Entry, { names, isLast }: { names: OperationNames; isLast: boolean }): Operation {
  const { start, end, commandLine = '', requestedBy = '', error, packages } = entry
  const who = /^(.*?) ?\((\d+)\)$/.exec(requestedBy)
  const requestedByName = utf8(who?.[1] ?? requestedBy)
  return {
    id: names.next(timeName(start), `${commandLine}\n${requestedBy}`),
    source: 'apt',
    startMs: localTimeMs(start),
    endMs: end === undefined ? undefined : localTimeMs(end),
    ...(commandLine === '' ? {} : { commandLine: redactCommandLineText(utf8(commandLine)) }),
    ...(requestedByName === '' ? {} : { requestedBy: requestedByName }),
    ...(who?.[2] === undefined ? {} : { requestedById: Number(who[2]) }),
    packages,
    ...endOf({ isEnded: end !== undefined, error, isLast }),
  }
}

function endOf(entry: {
  readonly isEnded: boolean
  readonly error: string | undefined
  readonly isLast: boolean
}): Pick<Operation, 'outcome' | 'outcomeDetail'> {
  const { isEnded, error, isLast } = entry
  if (error !== undefined && (isEnded || !isLast)) return { outcome: 'failed', outcomeDetail: utf8(error) }
  if (isEnded) return { outcome: 'completed', outcomeDetail: '' }
  if (isLast) return { outcome: undefined, outcomeDetail: '' }
  return { outcome: 'interrupted', outcomeDetail: 'apt wrote no end: it was killed, or the machine went down' }
}
