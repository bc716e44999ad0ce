import type { MachineView } from '@tidemark/model'
import { expect, test } from 'vitest'

import { linesOf, matchingLines, parseExtensionsSearch, versionsOf } from './extension-view.ts'

const machine = (computer: string, more: Partial<MachineView> = {}): MachineView => ({
  computer,
  resourceId: computer,
  sourceComputerId: '',
  registeredAt: '',
  lastHeartbeatAt: null,
  status: 'healthy',
  statusDetail: '',
  agentVersion: '2.0',
  extensionVersion: '1.0',
  extensionStatus: 'Ready',
  osName: '',
  osVersion: '',
  addresses: [],
  rules: [],
  backlogBytes: 0,
  ...more,
})

test('each machine has a line for each program, and a silent agent says so', () => {
  const lines = linesOf([machine('a', { status: 'silent', statusDetail: 'no heartbeat for 2 h' }), machine('b')])
  expect(
    lines.map(({ machine: { computer }, program, version, state }) => [computer, program, version, state]),
  ).toEqual([
    ['a', 'agent', '2.0', 'silent: no heartbeat for 2 h'],
    ['a', 'changeTracking', '1.0', 'Ready'],
    ['b', 'agent', '2.0', 'reports'],
    ['b', 'changeTracking', '1.0', 'Ready'],
  ])
})

test('versions are counted by program, and narrow the lines together with the text', () => {
  const lines = linesOf([machine('a'), machine('b', { agentVersion: '1.9' }), machine('c', { agentVersion: '1.9' })])
  expect(versionsOf(lines, 'agent')).toEqual([
    { version: '1.9', count: 2 },
    { version: '2.0', count: 1 },
  ])
  const found = matchingLines(lines, { program: 'agent', version: '1.9', text: 'C' })
  expect(found.map((line) => line.machine.computer)).toEqual(['c'])
})

test('the address is read, and what cannot be understood is left out', () => {
  expect(parseExtensionsSearch({ program: 'agent', version: '1', text: '' })).toEqual({
    program: 'agent',
    version: '1',
  })
  expect(parseExtensionsSearch({ program: 'other' })).toEqual({})
})
