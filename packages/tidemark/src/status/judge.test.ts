import { expect, test } from 'vitest'

import { type Findings, judge } from './judge.ts'

const well: Findings = {
  machine: 'web-1',
  trackingLog: '/log',
  root: '/',
  server: {
    kind: 'answers',
    url: 'http://127.0.0.1:1',
    version: '0.1.0',
    machines: [
      {
        computer: 'web-1',
        resourceId: '/subscriptions/0/x',
        sourceComputerId: 'u',
        registeredAt: '2026-01-01T00:00:00Z',
        lastHeartbeatAt: '2026-01-01T00:00:00Z',
        status: 'healthy',
        statusDetail: '',
        agentVersion: '0.1.0',
        extensionVersion: '0.1.0',
        extensionStatus: 'Ready',
        osName: 'Debian',
        osVersion: '12',
        addresses: [],
        rules: [],
        backlogBytes: 0,
        rulesInForce: [],
        revokedAt: null,
        revokedBy: null,
        revokedReason: null,
        cloneSeenAt: null,
      },
    ],
  },
  agent: {
    pid: 1,
    version: '0.1.0',
    startedAt: '2026-01-01T00:00:00Z',
    server: { url: 'http://127.0.0.1:1', isReachable: true },
    rules: [{ id: 'dcr-1', eTag: '1' }],
    streams: [],
    ruleProblems: [],
    sockets: ['@x'],
    connections: 1,
    refusedMessages: 0,
    isRunning: true,
    socketsMissing: [],
  },
  tracking: {
    pid: 2,
    version: '0.1.0',
    status: 'Ready',
    detail: '',
    types: { Files: { count: 3 } },
    gaps: [],
    outboxCount: 0,
    isRunning: true,
  },
}

test('nothing wrong is healthy', () => {
  expect(judge(well)).toEqual({ isHealthy: true, problems: [] })
})

const url = 'https://server'
const byAgent = (heartbeatAgeMs: number | undefined) => ({ kind: 'by-agent', url, heartbeatAgeMs }) as const

test('on a machine of a fleet, where only the agent speaks with the server, its heartbeat counts', () => {
  expect(judge({ ...well, server: byAgent(60_000) })).toEqual({ isHealthy: true, problems: [] })
  const away = { ...well.agent!, server: { url, isReachable: false, lastError: 'ECONNREFUSED' } }
  const told = judge({ ...well, server: byAgent(undefined), agent: away }).problems
  expect(told).toEqual([`the agent cannot reach ${url}: ECONNREFUSED`])
})

test.each<{ name: string; change: Partial<Findings>; problem: string }>([
  {
    name: 'a server that is away',
    change: { server: { kind: 'away', reason: 'x does not answer' } },
    problem: 'x does not answer',
  },
  { name: 'no heartbeat yet', change: { server: byAgent(undefined) }, problem: 'no heartbeat of this machine yet' },
  { name: 'an old heartbeat', change: { server: byAgent(600_000) }, problem: 'the last heartbeat 10 minutes ago' },
  { name: 'an agent that never ran', change: { agent: undefined }, problem: 'no agent has run' },
  {
    name: 'an agent that died',
    change: { agent: { ...well.agent!, isRunning: false } },
    problem: 'the agent (process 1) is gone',
  },
  { name: 'an agent without rules', change: { agent: { ...well.agent!, rules: [] } }, problem: 'no rule' },
  {
    name: 'a socket that is gone',
    change: { agent: { ...well.agent!, socketsMissing: ['@x'] } },
    problem: 'the socket @x is gone',
  },
  {
    name: 'a rule that is broken',
    change: { agent: { ...well.agent!, ruleProblems: ['dcr-1: channels[0].id: wrong'] } },
    problem: 'channels[0].id',
  },
  { name: 'another machine only', change: { machine: 'web-9' }, problem: 'does not know web-9' },
  {
    name: 'change tracking that died',
    change: { tracking: { ...well.tracking!, isRunning: false } },
    problem: 'process 2',
  },
  {
    name: 'a look that failed',
    change: { tracking: { ...well.tracking!, types: { Files: { count: 0, lastError: 'EIO' } } } },
    problem: 'Files: EIO',
  },
])('$name is told, and only that', ({ change, problem }) => {
  const { isHealthy, problems } = judge({ ...well, ...change })
  expect(isHealthy).toBe(false)
  expect(problems).toEqual([expect.stringContaining(problem)])
})
