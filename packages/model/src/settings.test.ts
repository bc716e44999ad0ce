import { expect, test } from 'vitest'

import { parseExtensionSettings, SOFTWARE_FOLDERS_MAX } from './settings.ts'

test('packages of languages are asked for by name, and their folders are absolute paths', () => {
  const nothing = parseExtensionSettings({})
  expect(nothing.settings).toMatchObject({ watchSoftware: true, softwarePip: false, softwareNpm: false })
  const softwareSettings = { pip: true, pipFolders: ['/srv/app/lib/'], npm: true, npmFolders: ['/opt/n'], watch: false }
  const { settings, problems } = parseExtensionSettings({ softwareSettings })
  expect([problems, settings.softwarePipFolders, settings.softwareNpmFolders]).toEqual([
    [],
    ['/srv/app/lib'],
    ['/opt/n'],
  ])
  expect(settings).toMatchObject({ watchSoftware: false, softwarePip: true, softwareNpm: true })
})

test('what is wrong in them is told with its place, and the rest is in force', () => {
  const many = Array.from({ length: SOFTWARE_FOLDERS_MAX + 1 }, () => '/a')
  const { settings, problems } = parseExtensionSettings({
    softwareSettings: { pip: 1, pipFolders: ['/a', 'b'], npm: true, npmFolders: many, softwareCollectionFrequency: 7 },
  })
  expect(problems.map(({ where }) => where)).toEqual([
    'softwareSettings.pip',
    'softwareSettings.pipFolders[1]',
    'softwareSettings.npmFolders',
  ])
  expect(problems[1]?.message).toBe('must be an absolute path, beginning with "/"')
  expect(settings).toMatchObject({
    softwarePip: false,
    softwarePipFolders: [],
    softwareNpm: true,
    softwareNpmFolders: [],
  })
  expect(settings.softwareFrequencySeconds).toBe(7)
})
