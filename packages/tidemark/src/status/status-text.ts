import { agentPlaces } from '@tidemark/model'

import { bytesText, countText, nounText } from '../rules/amounts.ts'
import { coloured, safeText, type Terminal } from '../terminal/terminal.ts'
import type { Findings, Verdict } from './judge.ts'
import type { TrackingStatus } from './machine-status.ts'

const GAPS_SHOWN_MAX = 10
const RULES_SHOWN_MAX = 3
const ENTRIES_SHOWN_MAX = 10

/** The screen of `tidemark status`. */
export function statusText(terminal: Terminal, findings: Findings, verdict: Verdict): string {
  const title = (text: string): string => coloured(terminal, 'bold', text.padEnd(16))
  const head = verdict.isHealthy
    ? coloured(terminal, 'green', 'All is well.')
    : coloured(
        terminal,
        'red',
        `${verdict.problems.length} ${verdict.problems.length === 1 ? 'thing is' : 'things are'} wrong:`,
      )
  return [
    head,
    ...verdict.problems.flatMap((problem) => problem.split('\n').map((line) => `  ${safeText(line)}`)),
    '',
    `${title('Server')}${serverLine(findings)}`,
    `${title('Agent')}${agentLine(findings)}`,
    ...agentLines(findings),
    ...streamLines(findings),
    `${title('Change tracking')}${trackingLine(findings)}`,
    ...typeLines(findings),
    ...gapLines(findings),
    ...placeLines(findings),
    '',
  ].join('\n')
}

function serverLine({ server }: Findings): string {
  if (server.kind === 'away') return 'does not answer'
  if (server.kind === 'by-agent') return `${safeText(server.url)}, as the agent sees it`
  const count = server.machines.length
  return `${server.url}, version ${server.version}, ${count} ${count === 1 ? 'machine' : 'machines'}`
}

function agentLine({ agent }: Findings): string {
  if (agent === undefined) return 'has not run here'
  const state = agent.isRunning ? `runs (process ${agent.pid})` : 'does not run'
  return `${state}, version ${agent.version}, ${agent.rules.length} ${agent.rules.length === 1 ? 'rule' : 'rules'}`
}

/** What people look for by hand: the heartbeat, the rule in the config chunks, the sockets. */
function agentLines({ agent }: Findings): string[] {
  if (agent === undefined) return []
  const { lastHeartbeatAt, rules, sockets, socketsMissing = [], connections, refusedMessages } = agent
  const shown = rules.slice(0, RULES_SHOWN_MAX).map(({ id, eTag }) => safeText(`${id} (${eTag})`))
  const rest = rules.length > shown.length ? [`and ${rules.length - shown.length} more`] : []
  const refused = refusedMessages > 0 ? `, ${nounText(refusedMessages, 'message')} refused` : ''
  return [
    `  ${'heartbeat'.padEnd(24)} ${lastHeartbeatAt ? `taken ${lastHeartbeatAt}` : 'not taken yet'}`,
    `  ${'rules in force'.padEnd(24)} ${[...shown, ...rest].join(', ') || 'none'}`,
    `  ${'sockets'.padEnd(24)} ${sockets.length - socketsMissing.length} of ${sockets.length} open, ${nounText(connections, 'connection')}${refused}`,
  ]
}

/** Where to look on, and how to see a change go all the way. */
function placeLines({ root, trackingLog }: Findings): string[] {
  const { configChunks, log } = agentPlaces(root)
  const line = (name: string, text: string): string => `  ${name.padEnd(24)} ${safeText(text)}`
  return [
    '',
    'Look on',
    line('config chunks', configChunks),
    line('log of the agent', log),
    line('log of change tracking', trackingLog),
    line('what waits on disk', 'tidemark sink ls'),
    line('see a change arrive', 'change a tracked file, then: tidemark scan; tidemark changes --since 5m'),
  ]
}

function streamLines({ agent }: Findings): string[] {
  return (agent?.streams ?? [])
    .filter(({ lastUploadAt, backlogBytes }) => lastUploadAt || backlogBytes > 0)
    .map(({ id, lastUploadAt, backlogBytes, oldestAt, destinations }) => {
      const name = id.split(':').at(-1) ?? id
      return `  ${name.padEnd(24)} ${lastUploadAt ? `uploaded ${lastUploadAt}` : 'not uploaded yet'}, ${backlogBytes} bytes waiting${backlogBytes > 0 && oldestAt ? ` since ${oldestAt}` : ''}${destinations.some(({ isDraining }) => isDraining) ? ', its rule is gone' : ''}`
    })
}

function trackingLine({ tracking }: Findings): string {
  if (tracking === undefined) return 'has not run here'
  const state = tracking.isRunning ? `runs (process ${tracking.pid})` : 'does not run'
  return `${state}, version ${tracking.version}, ${tracking.status}${detailOf(tracking)}, ${tracking.outboxCount} waiting for the agent`
}

/** The detail, where it does not stand below with what is not seen. */
function detailOf({ detail, gaps }: TrackingStatus): string {
  if (detail === '') return ''
  return gaps.slice(0, GAPS_SHOWN_MAX).some((gap) => gap.detail === detail)
    ? ' (see "Not seen")'
    : `: ${safeText(detail)}`
}

function typeLines({ tracking }: Findings): string[] {
  return Object.entries(tracking?.types ?? {}).flatMap(([type, { count, lastRunAt, lastRunMs, entries }]) => [
    `  ${type.padEnd(24)} ${count} tracked, ${lastRunAt ? `looked at ${lastRunAt} in ${Math.round(lastRunMs ?? 0)} ms` : 'not looked at yet'}`,
    ...(type === 'Files' ? [...watchLines(tracking), ...entryLines(entries ?? [])] : []),
  ])
}

function watchLines(tracking: TrackingStatus | undefined): string[] {
  const { filesProgress, watchMethod } = tracking ?? {}
  const seen = WATCHES[watchMethod ?? ''] ?? []
  if (!filesProgress) return seen
  return [
    `    a scan runs: ${nounText(filesProgress.files, 'path')} so far, ${bytesText(filesProgress.bytes)}`,
    ...seen,
  ]
}

const WATCHES: Readonly<Record<string, string[]>> = {
  fanotify: ['    changes are seen at once, with who made them (fanotify)'],
  inotify: ['    changes are seen at once, but not who made them (inotify)'],
  none: ['    changes are seen on schedule only'],
  off: ['    changes are seen on schedule only: the rules ask for no watch'],
}

/** What each entry covers, and what the last scan read for it: the dearest first. */
function entryLines(entries: NonNullable<TrackingStatus['types'][string]['entries']>): string[] {
  const dearest = entries.toSorted((one, other) => other.files + other.folders - (one.files + one.folders))
  const lines = dearest
    .slice(0, ENTRIES_SHOWN_MAX)
    .map(({ rule, entry, files, folders, bytes, readFiles, readBytes }) => {
      const covers = `${nounText(files, 'file')} and ${nounText(folders, 'folder')}, ${bytesText(bytes)}`
      return `    ${safeText(`${rule}: ${entry}`)}: ${covers}; the last scan read ${countText(readFiles)} (${bytesText(readBytes)})`
    })
  const rest = dearest.length - ENTRIES_SHOWN_MAX
  return rest > 0 ? [...lines, `    and ${rest} more ("--json" has all)`] : lines
}

function gapLines({ tracking }: Findings): string[] {
  const gaps = tracking?.gaps ?? []
  const shown = gaps.slice(0, GAPS_SHOWN_MAX).map(({ detail }) => `  ${safeText(detail)}`)
  const rest = gaps.length > GAPS_SHOWN_MAX ? [`  and ${gaps.length - GAPS_SHOWN_MAX} more ("--json" has all)`] : []
  return gaps.length === 0 ? [] : ['', 'Not seen', ...shown, ...rest]
}
