import { expect, test } from 'vitest'

import { readRuleDocument, readSettingsDocument } from './document.ts'

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

test.each([
  { text: '{"a": 1,', place: 'line 1, column 9: a property name is missing' },
  { text: '{"a"}', place: 'line 1, column 5: a colon is missing' },
  { text: '{}\n{}', place: 'line 2, column 1: something stands behind the end of the document' },
  { text: '{"a": "b', place: 'line 1, column 7: unexpected end of string' },
])('what is wrong with $text is told in words', ({ text, place }) => {
  expect(() => readRuleDocument('a.json', text, 'a')).toThrow(`a.json is no JSON: ${place}`)
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

test('settings are read from a rule or from only its extensionSettings', () => {
  const settings = { fileSettings: { fileCollectionFrequency: 7 } }
  const expected = { name: 'a', settings: { fileFrequencySeconds: 7 } }
  expect(readSettingsDocument('a.json', rule(settings), 'a')).toMatchObject(expected)
  expect(readSettingsDocument('a.json', JSON.stringify(settings), 'a')).toMatchObject(expected)
})

test.each([
  {
    name: 'a mistake in extensionSettings',
    text: '{"fileSettings":{"fileInfo":[{"name":"x","destinationPath":"etc"}]}}',
    says: 'fileSettings.fileInfo[0].destinationPath: must be an absolute path',
  },
  { name: 'something else', text: '{"name":"package"}', says: 'neither a rule, which has "properties"' },
  { name: 'a list', text: '[]', says: 'neither a rule' },
  { name: 'broken JSON', text: '{"fileSettings":\n}', says: 'line 2, column 1' },
  {
    name: 'a rule without change tracking',
    text: rule({}).replace('ChangeTracking-Linux', 'Other'),
    says: 'asks for no change tracking',
  },
])('$name is refused with its place', ({ text, says }) => {
  expect(() => readSettingsDocument('a.json', text, 'a')).toThrow(says)
})
