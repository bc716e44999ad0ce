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
