import { expect, test } from 'vitest'

import type { MachineView } from '@tidemark/model'

import { matchingMachines, parseMachinesSearch } from './machine-view.tsx'

const machine = (computer: string, more: Partial<MachineView> = {}): MachineView => ({
  computer,
  resourceId: computer,
  sourceComputerId: '',
  registeredAt: '',
  lastHeartbeatAt: null,
  status: 'healthy',
  statusDetail: '',
  agentVersion: '',
  extensionVersion: '',
  extensionStatus: '',
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
  ...more,
})

test.each([
  [{}, ['a', 'b']],
  [{ status: 'silent' as const }, ['b']],
  [{ text: '10.0' }, ['a']],
  [{ text: 'DEBIAN' }, ['a', 'b']],
  [{ text: 'web', status: 'silent' as const }, []],
])('%j lets %j through', (search, names) => {
  const machines = [machine('a', { addresses: ['10.0.0.1'], rules: ['web'] }), machine('b', { status: 'silent' })]
  expect(matchingMachines(machines, search).map(({ computer }) => computer)).toEqual(names)
})

test('the address is read, and what cannot be understood is left out', () => {
  expect(parseMachinesSearch({ status: 'silent', text: 'x', machine: '/a', more: 1 })).toEqual({
    status: 'silent',
    text: 'x',
    machine: '/a',
  })
  expect(parseMachinesSearch({ status: 'asleep', text: '' })).toEqual({})
})
