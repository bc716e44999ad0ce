import { expect, test } from 'vitest'

import { agentPlaces, changeTrackingPlaces } from './places.ts'

// As the described system has them, name by name.
const NAME = 'Microsoft.Azure.ChangeTrackingAndInventory.ChangeTracking-Linux'

test.each([
  { layout: { mode: 'azure-vm' } as const, folder: `/var/log/azure/${NAME}` },
  { layout: { mode: 'arc', version: '2.35.0' } as const, folder: `/var/lib/waagent/${NAME}-2.35.0` },
])('on $layout.mode JSON files and logs are in $folder', ({ layout, folder }) => {
  expect(changeTrackingPlaces('/', layout)).toEqual({
    database: '/opt/microsoft/changetrackingdata/db/changetracking.db',
    settings: '/etc/opt/microsoft/changetracking/changetracking.json',
    logFolder: folder,
    log: `${folder}/cta_linux_agent.log`,
    filesJson: `${folder}/File.json`,
    packagesJson: `${folder}/Packages.json`,
    servicesJson: `${folder}/Services.json`,
  })
})

test('the agent has the same places everywhere', () => {
  expect(agentPlaces('/srv/')).toMatchObject({
    configChunks: '/srv/etc/opt/microsoft/azuremonitoragent/config-cache/configchunks',
    events: '/srv/var/opt/microsoft/azuremonitoragent/events',
  })
})
