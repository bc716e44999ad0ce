import { symlinkSync } from 'node:fs'
import { join } from 'node:path'

import fc from 'fast-check'
import { expect, test } from 'vitest'

import { TriedMachine } from '../../testing/tried-machine.ts'
import { parseSnapYaml } from './snap-yaml.ts'
import { parseSnapdState } from './state.ts'

const state = (snaps: object): string =>
  JSON.stringify({ data: { auth: {}, snaps }, changes: {}, tasks: {}, 'last-change-id': 12 })
const lxd = {
  type: 'app',
  sequence: [{ name: 'lxd', 'snap-id': 'J60k', revision: '24322', channel: '5.0/stable' }],
  active: true,
  current: '24322',
  channel: '5.0/stable/ubuntu-22.04',
}
const yaml =
  "name: lxd\nversion: '5.10'\nsummary: LXD - container and VM manager\ndescription: |\n  **Caution**: text\narchitectures:\n- amd64\napps:\n  lxc:\n    command: commands/lxc\n"

test('snaps are those of snapd’s state, with what the mounted snap says', async () => {
  using machine = new TriedMachine({
    'var/lib/snapd/state.json': state({
      lxd,
      old: { ...lxd, active: false, current: '7' },
      coming: { current: 'unset' },
    }),
    'snap/lxd/24322/meta/snap.yaml': yaml,
  })
  const { items, gaps } = await machine.look()
  expect(gaps).toEqual([])
  expect([...items.values()].map(({ columns }) => columns)).toEqual([
    {
      SoftwareName: 'lxd',
      SoftwareDescription: 'LXD - container and VM manager',
      Publisher: '',
      CurrentVersion: '5.10',
      Architecture: 'amd64',
      SoftwareType: 'Snap',
      SoftwareSource: 'snap',
      SoftwareStatus: 'active',
    },
    expect.objectContaining({ SoftwareName: 'old', CurrentVersion: 'revision 7', SoftwareStatus: 'disabled' }),
  ])
})

test('without the state, what is mounted', async () => {
  using machine = new TriedMachine({
    'var/lib/snapd/snap/lxd/24322/meta/snap.yaml': yaml,
    'var/lib/snapd/snap/README': '',
  })
  symlinkSync('24322', join(machine.root, 'var/lib/snapd/snap/lxd/current'))
  expect([...(await machine.look()).items.keys()]).toEqual(['snap/lxd'])
})

test('a state that is damaged is told, and no text makes it throw', async () => {
  using machine = new TriedMachine({ 'var/lib/snapd/state.json': state({ lxd }).slice(0, -3) })
  const { unseen, gaps } = await machine.look()
  expect([[...(unseen ?? [])], gaps.map(({ reason }) => reason)]).toEqual([['software:snap'], ['source-damaged']])
  expect(parseSnapdState(state({ lxd: { current: [] } }))).toContain('data.snaps.lxd.current')
  expect(parseSnapYaml('version: 1.10\nsummary: s')).toEqual({ version: '1.10', summary: 's', architecture: 'all' })
  fc.assert(fc.property(fc.string(), (text) => void [parseSnapdState(text), parseSnapYaml(text)]))
  fc.assert(fc.property(fc.json(), (text) => void [parseSnapdState(text), parseSnapYaml(text)]))
})
