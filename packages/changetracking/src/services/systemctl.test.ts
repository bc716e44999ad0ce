import fc from 'fast-check'
import { expect, test } from 'vitest'

import { serviceChange } from './change.ts'
import { parseUnitList, parseUnits } from './systemctl.ts'

const shown = `Names=cron.service
WantedBy=multi-user.target
Description=Regular background program processing daemon
SubState=running
FragmentPath=/lib/systemd/system/cron.service
UnitFileState=enabled

Names=gone.service
Description=gone.service
SubState=dead
UnitFileState=
`

test('units are listed without templates', () => {
  expect(parseUnitList('cron.service enabled enabled\ngetty@.service enabled enabled\nx.timer static -\n')).toEqual([
    'cron.service',
  ])
})

test('a unit is read with its states capitalised', () => {
  const { items, problems } = parseUnits(shown, ['cron.service', 'gone.service'])
  expect(problems).toEqual([])
  expect(items.get('cron')?.columns).toEqual({
    SvcName: 'cron',
    SvcDisplayName: 'Regular background program processing daemon',
    SvcDescription: 'Regular background program processing daemon',
    SvcState: 'Running',
    SvcStartupType: 'Enabled',
    SvcRunlevels: 'multi-user.target',
    SvcPath: '/lib/systemd/system/cron.service',
    SvcController: 'systemd',
  })
  expect(items.get('gone')?.columns).toMatchObject({ SvcState: 'Dead', SvcStartupType: '', SvcPath: '' })
})

test('an answer that lacks units is told', () => {
  expect(parseUnits(shown, ['a.service', 'b.service', 'c.service']).problems).toEqual([
    'systemctl show answered for 2 of 3 units',
  ])
})

test('no text makes it throw', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void [parseUnitList(text), parseUnits(text, [])]))
})

test('the order of WantedBy is no change, a stop is one', () => {
  const item = (more: object) => ({
    columns: { SvcName: 'x', SvcState: 'Running', SvcRunlevels: 'a b', ...more },
    coveredBy: [],
  })
  expect(serviceChange(item({}), item({ SvcRunlevels: 'b a' }))).toBeUndefined()
  expect(serviceChange(item({}), item({ SvcState: 'Dead' }))).toMatchObject({
    ChangeCategory: 'Modified',
    FieldsChanged: 'SvcState',
    SvcChangeType: 'State',
    SvcState: 'Dead',
    SvcPreviousState: 'Running',
    Previous: 'Running',
    Current: 'Dead',
  })
})

test('an alias is the unit that it stands for, whatever the order of its names', () => {
  const block = (names: string): string => `Id=ssh.service\nNames=${names}\nSubState=running\n`
  const text = `${block('sshd.service ssh.service')}\n${block('ssh.service sshd.service')}`
  const { items, problems } = parseUnits(text, ['sshd.service', 'ssh.service'])
  expect([[...items.keys()], problems]).toEqual([['ssh'], []])
})

test('what systemd tells beyond the command is compared where both looks know it', () => {
  const item = (more: object, facts: object = {}) => ({
    columns: { SvcName: 'x', SvcState: 'Running', ...more },
    coveredBy: [],
    facts: { ...facts },
  })
  const known = {
    SvcRestarts: 2,
    SvcNeedsRestart: false,
    SvcMainProcessId: 7,
    SvcExecutable: '/bin/a',
    SvcExecStart: '/bin/a',
  }
  expect(serviceChange(item({}), item(known))).toBeUndefined()
  expect(serviceChange(item(known), item({ ...known, SvcMainProcessId: 9 }))).toBeUndefined()
  expect(serviceChange(item(known), item({ ...known, SvcRestarts: 0, SvcExecutable: '' }))).toBeUndefined()
  expect(serviceChange(item(known), item({ ...known, SvcRestarts: 3, SvcMainProcessId: 9 }))).toMatchObject({
    FieldsChanged: 'SvcRestarts',
    SvcChangeType: 'Restarts',
    SvcRestarts: 3,
    SvcPreviousRestarts: 2,
    SvcMainProcessId: 9,
  })
  const stale = { SvcNeedsRestart: true, SvcNeedsRestartReason: 'why', SvcExecutable: '/bin/b', SvcExecStart: '/bin/b' }
  expect(serviceChange(item(known), item({ ...known, ...stale }))).toMatchObject({
    FieldsChanged: 'SvcNeedsRestart, SvcExecStart, SvcExecutable',
    SvcNeedsRestartReason: 'why',
    SvcPreviousNeedsRestart: false,
    SvcPreviousExecStart: '/bin/a',
  })
})

test('state changes that were heard are told once, with their count, also where it is again as it was', () => {
  const item = (facts: object) => ({
    columns: { SvcName: 'x', SvcState: 'Running' },
    coveredBy: [],
    facts: { ...facts },
  })
  const heard = { session: 's', told: 8, changes: 8, fromMs: 1_000 }
  expect(serviceChange(item({}), item(heard))).toMatchObject({
    FieldsChanged: 'SvcTransitions',
    SvcChangeType: 'Transitions',
    DetectedBy: 'watch',
    SvcTransitions: 8,
    SvcTransitionsFrom: '1970-01-01T00:00:01.000Z',
    Previous: 'Running',
    Current: 'Running',
  })
  expect(serviceChange(item(heard), item(heard))).toBeUndefined()
  expect(serviceChange(item(heard), item({ ...heard, session: 'other' }))).toMatchObject({ SvcTransitions: 8 })
})
