import { tables } from '@tidemark/model'
import { expect, test } from 'vitest'

import { type Actor, unknownActor } from './actor.ts'
import { toColumns } from './columns.ts'

const sed: Actor = {
  pid: 60,
  executable: '/usr/bin/sed',
  commandLine: 'sed -i x f',
  account: 'root',
  accountId: 0,
  loginAccount: 'ada',
  loginId: 1000,
  sessionId: '3',
  tree: [{ pid: 1, executable: '/sbin/init', commandLine: 'init', account: 'root' }],
  containerId: 'web',
  unit: 'session-3.scope',
  certainty: 'captured',
  note: '',
}
const AT = Date.UTC(2026, 0, 2, 3, 4, 5, 6)

test('the newest is told in columns, others in one', () => {
  expect(toColumns([sed, unknownActor(7, 'it is gone')], AT)).toEqual({
    InitiatingProcessId: 60,
    InitiatingProcessFolderPath: '/usr/bin/sed',
    InitiatingProcessCommandLine: 'sed -i x f',
    InitiatingProcessAccountName: 'root',
    InitiatingProcessLoginName: 'ada',
    InitiatingProcessSessionId: '3',
    InitiatingProcessTree: '[{"pid":1,"exe":"/sbin/init","commandLine":"init","account":"root"}]',
    InitiatingProcessContainerId: 'web',
    InitiatingProcessUnit: 'session-3.scope',
    InitiatingProcessCertainty: 'captured',
    InitiatingProcessOthers: '[{"pid":7,"certainty":"unknown","note":"it is gone"}]',
    TimeObserved: '2026-01-02T03:04:05.006Z',
  })
})

test('what is not known has no column, and says why', () => {
  expect(toColumns([unknownActor(0, 'inotify')], AT)).toEqual({
    InitiatingProcessCertainty: 'unknown',
    InitiatingProcessNote: 'inotify',
    TimeObserved: '2026-01-02T03:04:05.006Z',
  })
  expect(Object.keys(toColumns([], AT))).toEqual(['TimeObserved'])
})

test('every column is one of the table’s', () => {
  const names = tables.ConfigurationChange.columns.map(({ name }) => name)
  for (const name of Object.keys(toColumns([{ ...sed, note: 'x' }, sed], AT))) expect(names).toContain(name)
})
