import { expect, test } from 'vitest'

import { readRuleDocument } from './document.ts'

const rule = (settings: unknown): string =>
  JSON.stringify({
    properties: {
      dataSources: {
        extensions: [
          {
            name: 'CTDataSource-Linux',
            extensionName: 'ChangeTracking-Linux',
            streams: ['Microsoft-ConfigurationChangeV2'],
            extensionSettings: settings,
          },
        ],
      },
    },
  })

test('a rule without a name takes that of its file', () => {
  expect(readRuleDocument('web.json', rule({}), 'web').name).toBe('web')
})

test('text that is no JSON is refused with line and column', () => {
  expect(() => readRuleDocument('a.json', '{\n  "x": oops\n}', 'a')).toThrow('a.json is no JSON: line 2, column 8')
})

test('a mistake in an entry is refused with its path', () => {
  const text = rule({ fileSettings: { fileInfo: [{ name: 'x', destinationPath: 'etc/passwd' }] } })
  expect(() => readRuleDocument('a.json', text, 'a')).toThrow(
    'properties.dataSources.extensions[0].extensionSettings.fileSettings.fileInfo[0].destinationPath: must be an absolute path',
  )
})

test('an unknown stream is refused with the known ones', () => {
  expect(() => readRuleDocument('a.json', rule({}).replace('ChangeV2', 'Chnge'), 'a')).toThrow(
    /streams\[0\]: unknown stream "Microsoft-ConfigurationChnge"; known: /,
  )
})
