import { coloured, safeText, type Terminal } from '../terminal/terminal.ts'
import type { Findings, Verdict } from './judge.ts'

const GAPS_SHOWN_MAX = 10

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
    ...verdict.problems.map((problem) => `  ${safeText(problem)}`),
    '',
    `${title('Server')}${serverLine(findings)}`,
    `${title('Agent')}${agentLine(findings)}`,
    ...streamLines(findings),
    `${title('Change tracking')}${trackingLine(findings)}`,
    ...typeLines(findings),
    ...gapLines(findings),
    '',
  ].join('\n')
}

function serverLine({ server }: Findings): string {
  if (server.kind === 'away') return 'does not answer'
  const count = server.machines.length
  return `${server.url}, version ${server.version}, ${count} ${count === 1 ? 'machine' : 'machines'}`
}

function agentLine({ agent }: Findings): string {
  if (agent === undefined) return 'has not run here'
  const state = agent.isRunning ? `runs (process ${agent.pid})` : 'does not run'
  return `${state}, version ${agent.version}, ${agent.rules.length} ${agent.rules.length === 1 ? 'rule' : 'rules'}`
}

function streamLines({ agent }: Findings): string[] {
  return (agent?.streams ?? [])
    .filter(({ lastUploadAt, backlogBytes }) => lastUploadAt || backlogBytes > 0)
    .map(({ id, lastUploadAt, backlogBytes }) => {
      const name = id.split(':').at(-1) ?? id
      return `  ${name.padEnd(24)} ${lastUploadAt ? `uploaded ${lastUploadAt}` : 'not uploaded yet'}, ${backlogBytes} bytes waiting`
    })
}

function trackingLine({ tracking }: Findings): string {
  if (tracking === undefined) return 'has not run here'
  const state = tracking.isRunning ? `runs (process ${tracking.pid})` : 'does not run'
  return `${state}, version ${tracking.version}, ${tracking.status}${tracking.detail ? `: ${safeText(tracking.detail)}` : ''}, ${tracking.outboxCount} waiting for the agent`
}

function typeLines({ tracking }: Findings): string[] {
  return Object.entries(tracking?.types ?? {}).map(
    ([type, { count, lastRunAt, lastRunMs }]) =>
      `  ${type.padEnd(24)} ${count} tracked, ${lastRunAt ? `looked at ${lastRunAt} in ${Math.round(lastRunMs ?? 0)} ms` : 'not looked at yet'}`,
  )
}

function gapLines({ tracking }: Findings): string[] {
  const gaps = tracking?.gaps ?? []
  const shown = gaps.slice(0, GAPS_SHOWN_MAX).map(({ detail }) => `  ${safeText(detail)}`)
  const rest = gaps.length > GAPS_SHOWN_MAX ? [`  and ${gaps.length - GAPS_SHOWN_MAX} more ("--json" has all)`] : []
  return gaps.length === 0 ? [] : ['', 'Not seen', ...shown, ...rest]
}
