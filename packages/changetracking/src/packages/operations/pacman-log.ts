import { redactCommandLineText } from '../../who/redact.ts'
import { localTimeMs, timeName } from './local-time.ts'
import { beginning, linesOf, LogProblems, utf8 } from './log-lines.ts'
import { OperationNames } from './operation-id.ts'
import {
  atWork,
  type HowLogIsRead,
  type LogReading,
  type Operation,
  type PackageAction,
  type PackageStep,
} from './operation.ts'

// [2026-11-24T06:16:00+0000] [ALPM] upgraded zlib (1:1.3-1 -> 1:1.3.1-1)      (libalpm's logaction; older: [2013-01-01 06:16])
const ACTIONS: Readonly<Record<string, PackageAction>> = {
  installed: 'install',
  reinstalled: 'reinstall',
  upgraded: 'upgrade',
  downgraded: 'downgrade',
  removed: 'remove',
}

interface Transaction {
  readonly at: number
  readonly time: string
  readonly commandLine: string
  readonly packages: PackageStep[]
  lastTime: string
  end?: string
}

/** Reads pacman.log, from any place in it: one operation for each transaction. The last one may be at work. */
export function parsePacmanLog(text: string, { isOver }: HowLogIsRead = atWork): LogReading {
  const problems = new LogProblems()
  const transactions: Transaction[] = []
  let commandLine = ''
  for (const { text: line, at, number } of linesOf(text)) {
    const [, time = '', by = '', said = ''] = /^\[([^\]]+)\] (?:\[([\w-]+)\] )?(.*)$/.exec(line) ?? []
    const command = /^Running '(.*)'$/.exec(said)?.[1]
    if (command !== undefined) commandLine = command
    if (by !== 'ALPM') continue
    if (said === 'transaction started') {
      if (timeMs(time) === undefined) problems.tell(number, `${beginning(line)} has no possible date`)
      transactions.push({ at, time, commandLine, packages: [], lastTime: time })
      continue
    }
    const now = transactions.at(-1)
    if (now === undefined || now.end !== undefined) continue
    now.lastTime = time
    const end = /^transaction (completed|failed|interrupted)$/.exec(said)?.[1]
    if (end !== undefined) now.end = end
    const step = stepOf(said)
    if (step === 'broken') problems.tell(number, `${beginning(line)} is not understood`)
    else if (step !== undefined) now.packages.push(step)
  }
  const names = new OperationNames('pacman')
  return {
    problems: problems.found,
    operations: transactions.map((each, index) => ({
      at: each.at,
      operation: operationOf(each, { names, isLast: index === transactions.length - 1 && !isOver }),
    })),
  }
}

function stepOf(said: string): PackageStep | 'broken' | undefined {
  const [, word = '', rest = ''] = /^(\w+) (.*)$/.exec(said) ?? []
  const action = Object.hasOwn(ACTIONS, word) ? ACTIONS[word] : undefined
  if (action === undefined) return undefined
  const [, name, one, other] = /^(\S+) \((\S+)(?: -> (\S+))?\)$/.exec(rest) ?? []
  if (name === undefined || one === undefined) return 'broken'
  if (other !== undefined) return { name, action, from: one, to: other }
  if (action === 'reinstall') return { name, action, from: one, to: one }
  return action === 'remove' ? { name, action, from: one } : { name, action, to: one }
}

function timeMs(text: string): number | undefined {
  const zone = /^(.{19})([+-]\d\d):?(\d\d)$/.exec(text)
  if (zone === null) return localTimeMs(text)
  const ms = localTimeMs(zone[1] ?? '') === undefined ? NaN : Date.parse(`${zone[1]}${zone[2]}:${zone[3]}`)
  return Number.isNaN(ms) ? undefined : ms
}

function operationOf(each: Transaction, { names, isLast }: { names: OperationNames; isLast: boolean }): Operation {
  const { time, commandLine, packages, end, lastTime } = each
  const isOver = end !== undefined || !isLast
  const outcome = end === 'completed' || end === 'failed' ? end : isOver ? 'interrupted' : undefined
  return {
    id: names.next(timeName(time), commandLine),
    source: 'pacman',
    startMs: timeMs(time),
    endMs: isOver ? timeMs(lastTime) : undefined,
    ...(commandLine === '' ? {} : { commandLine: redactCommandLineText(utf8(commandLine)) }),
    packages,
    outcome,
    outcomeDetail: outcome === 'interrupted' ? 'pacman wrote no end: it was stopped, or the machine went down' : '',
  }
}
