import { expect, test } from 'vitest'

import type { ChangeGroup } from './lines.ts'
import { groupCount, groupTitle, groupWhat, groupWho, operationQuery, operationsIn } from './operations.ts'

const operation: ChangeGroup = {
  kind: 'operation',
  key: 'op@alpha',
  rows: [
    { OperationId: 'op', Computer: 'alpha', PackageName: 'nginx', PackageVerdict: 'matches package' },
    { OperationId: 'op', Computer: 'alpha', PackageName: 'nginx', PackageVerdict: 'conffile edited' },
    { OperationId: 'op', Computer: 'alpha', SoftwareName: 'nginx-common', InitiatingProcessAccountName: 'root' },
  ],
}
const flaps: ChangeGroup = {
  kind: 'flaps',
  key: 'flaps 1',
  rows: [
    { SvcName: 'web', SvcState: 'Failed', SvcTransitions: 4 },
    { SvcName: 'web', SvcState: 'Running' },
  ],
}
const recorded = operationsIn([
  { OperationId: 'op', Computer: 'beta', CommandLine: 'of another machine' },
  {
    OperationId: 'op',
    Computer: 'alpha',
    CommandLine: 'apt upgrade',
    RequestedBy: 'ann',
    Outcome: 'failed',
    PackageCount: 9,
  },
])

test('an operation is told by what its changes say, and better by what is recorded of it', () => {
  const told = (known: typeof recorded) => [
    groupTitle(operation, known),
    groupWhat(operation, known),
    groupWho(operation, known),
  ]
  expect(told(new Map())).toEqual(['nginx +1', '2 packages · 1 matches package · 1 conffile edited', 'root'])
  expect(told(recorded)).toEqual(['apt upgrade', '9 packages · failed · 1 matches package · 1 conffile edited', 'ann'])
})

test('a daemon that flaps is told with its states and all its transitions', () => {
  expect([groupTitle(flaps, recorded), groupWhat(flaps, recorded), groupCount(flaps, false)]).toEqual([
    'web',
    'Failed, Running',
    '5 changes of state',
  ])
})

test('a group at the end of a cut answer may have more', () => {
  expect(groupCount(operation, true)).toBe('3 changes or more')
})

test('ids are quoted', () => {
  expect(operationQuery(['a"b'])).toContain('where OperationId in ("a\\"b")')
})
