import fc from 'fast-check'
import { expect, test } from 'vitest'

import { TriedMachine } from '../../testing/tried-machine.ts'
import { parseMetadata } from './pip.ts'

const site = 'usr/local/lib/python3.11/dist-packages'
const requests =
  'Metadata-Version: 2.1\r\nName: requests\r\nVersion: 2.32.3\r\nSummary: Python HTTP for Humans.\r\nAuthor: Kenneth Reitz\r\n\r\nName: of the text\r\n'

test('what pip installed is seen where a rule asks for it, and not what a package manager did', async () => {
  using machine = new TriedMachine({
    [`${site}/requests-2.32.3.dist-info/METADATA`]: requests,
    [`${site}/requests-2.32.3.dist-info/INSTALLER`]: 'pip\n',
    'usr/lib/python3/dist-packages/PyYAML-6.0.dist-info/METADATA': 'Name: PyYAML\nVersion: 6.0\n',
    'usr/lib/python3.12/site-packages/dnf-4.dist-info/METADATA': 'Name: dnf\nVersion: 4\n',
    'usr/lib/python3.12/site-packages/dnf-4.dist-info/INSTALLER': 'rpm\n',
    [`${site}/old-1.egg-info/PKG-INFO`]: 'Name: Old_Thing\nVersion: 1\nAuthor: UNKNOWN\n',
    [`${site}/old-1.egg-info/installed-files.txt`]: '',
    'srv/app/lib/x-1.dist-info/METADATA': 'Name: x\nVersion: 1\n',
    'srv/app/lib/x-1.dist-info/INSTALLER': 'uv',
  })
  expect((await machine.look()).isComplete).toBe(false)
  const { items, gaps } = await machine.look(new Map(), { pip: true, pipFolders: ['/srv/app/lib/'] })
  expect(gaps).toEqual([])
  expect([...items].map(([key, { coveredBy }]) => [key, ...coveredBy])).toEqual([
    [`pip/${site}/old-thing`, 'software:pip'],
    [`pip/${site}/requests`, 'software:pip'],
    ['pip/srv/app/lib/x', 'software:pip:/srv/app/lib'],
  ])
  expect(items.get(`pip/${site}/requests`)?.columns).toEqual({
    SoftwareName: 'requests',
    SoftwareDescription: 'Python HTTP for Humans.',
    Publisher: 'Kenneth Reitz',
    CurrentVersion: '2.32.3',
    Architecture: '',
    SoftwareType: 'Pip',
    SoftwareSource: 'pip',
    SoftwareStatus: 'installed',
  })
})

test('metadata that names nothing are told, and no text makes it throw', async () => {
  using machine = new TriedMachine({
    [`${site}/x.dist-info/METADATA`]: 'Name: x\n',
    [`${site}/x.dist-info/INSTALLER`]: 'pip',
  })
  const { gaps, unseen } = await machine.look(new Map(), { pip: true })
  expect(gaps[0]?.detail).toContain(`/${site}/x.dist-info/METADATA has no Name or no Version`)
  expect([...(unseen ?? [])]).toEqual(['software:pip'])
  fc.assert(fc.property(fc.string(), (text) => void parseMetadata(text)))
})
