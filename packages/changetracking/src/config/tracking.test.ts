import fc from 'fast-check'
import { expect, test } from 'vitest'

import { fileEntries, frequencyMs, inventoryFrequencyMs, parseTracking, rulesFor, type Tracking } from './tracking.ts'

interface Rule {
  readonly id: string
  readonly settings?: unknown
  readonly name?: string
  readonly streams?: Record<string, string>
}

function answer(rules: readonly Rule[], more: object = {}): string {
  const extensionConfigurations = rules.map(({ id, settings = {}, name, streams = {} }) => ({
    id: `${id}:CTDataSource-Linux`,
    originIds: name === undefined ? [] : [`/subscriptions/0/dataCollectionRules/${name}`],
    extensionSettings: settings,
    outputStreams: streams,
  }))
  const TaggedData = JSON.stringify({ extensionName: 'ChangeTracking-Linux', extensionConfigurations })
  const head = { Request: 'AgentTaggedData', RequestId: '', Version: '1', Success: true, Description: '' }
  return JSON.stringify({ ...head, TaggedData, ...more })
}

function tracked(rules: readonly Rule[]): Tracking {
  const parsed = parseTracking(answer(rules))
  if (parsed.kind === 'rejected') throw new Error(JSON.stringify(parsed.problems))
  return parsed.value
}

const file = (name: string, more: object = {}): object => ({ name, destinationPath: `/${name}`, ...more })

test('a rule has its name, its settings and its streams', () => {
  const streams = { CONFIG_CHANGE_BLOB_V2: 'changes', CONFIG_DATA_BLOB_V2: 'inventory' }
  expect(tracked([{ id: 'dcr-1', name: 'mine', streams }]).rules).toMatchObject([
    { id: 'dcr-1', name: 'mine', changeStream: 'changes', inventoryStream: 'inventory' },
  ])
  expect(tracked([{ id: 'dcr-1' }]).rules[0]).not.toHaveProperty('changeStream')
})

test('several rules are all in force, in the order of their ids, whatever order they come in', () => {
  const one = {
    id: 'dcr-1',
    settings: {
      enableServices: false,
      softwareSettings: { softwareCollectionFrequency: 60 },
      inventorySettings: { inventoryCollectionFrequency: 500 },
      fileSettings: { fileCollectionFrequency: 600, fileInfo: [file('a'), file('off', { enabled: false })] },
    },
  }
  const two = {
    id: 'dcr-2',
    settings: {
      enableSoftware: false,
      enableInventory: false,
      inventorySettings: { inventoryCollectionFrequency: 100 },
      fileSettings: { fileCollectionFrequency: 30, fileInfo: [file('b')] },
    },
  }
  const tracking = tracked([two, one])
  expect(tracking).toEqual(tracked([one, two]))
  expect(fileEntries(tracking).map(({ rule, entry }) => [rule.id, entry.name])).toEqual([
    ['dcr-1', 'a'],
    ['dcr-2', 'b'],
  ])
  expect(rulesFor(tracking, 'Software').map(({ id }) => id)).toEqual(['dcr-1'])
  expect([frequencyMs(tracking, 'Files'), frequencyMs(tracking, 'Software')]).toEqual([30_000, 60_000])
  // Of the rule that wants no inventory the frequency does not count.
  expect(inventoryFrequencyMs(tracking, 'Files')).toBe(500_000)
})

test('what nobody asks for has no frequency', () => {
  const tracking = tracked([{ id: 'dcr-1', settings: { enableFiles: false, enableInventory: false } }])
  expect([frequencyMs(tracking, 'Files'), inventoryFrequencyMs(tracking, 'Software')]).toEqual([undefined, undefined])
  expect(fileEntries(tracking)).toEqual([])
})

test('a broken part is named with its rule and its place, and the rest is in force', () => {
  const { rules, problems } = tracked([
    { id: 'dcr-1', name: 'mine', settings: { enableFiles: 'yes', fileSettings: { fileInfo: [{}, file('a')] } } },
  ])
  expect(problems.map(({ where }) => where)).toEqual([
    'mine: enableFiles',
    'mine: fileSettings.fileInfo[0].name',
    'mine: fileSettings.fileInfo[0].destinationPath',
  ])
  expect(rules[0]?.settings.files.map(({ name }) => name)).toEqual(['a'])
})

test.each([
  { name: 'no JSON', text: '{', where: 'line 1, column 2' },
  { name: 'no TaggedData', text: answer([], { TaggedData: undefined }), where: 'TaggedData' },
  { name: 'TaggedData that is no JSON', text: answer([], { TaggedData: '{' }), where: 'TaggedData, line 1, column 2' },
  {
    name: 'a configuration without streams',
    text: answer([], {
      TaggedData: '{"extensionName":"x","extensionConfigurations":[{"id":"x","extensionSettings":{}}]}',
    }),
    where: 'TaggedData.extensionConfigurations[0].outputStreams',
  },
])('an answer with $name is rejected with its place', ({ text, where }) => {
  expect(parseTracking(text)).toMatchObject({ kind: 'rejected', problems: [{ where }] })
})

test('no answer makes it throw', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), fc.oneof(fc.string(), fc.json()), (text, inner) => {
      parseTracking(text)
      parseTracking(answer([], { TaggedData: inner }))
    }),
  )
})

test('timers and sockets are collected where a rule says so; what is wrong is told with its place', () => {
  const { rules, problems } = tracked([
    { id: 'dcr-1' },
    { id: 'dcr-2', settings: { servicesSettings: { timers: true, sockets: 'yes' } } },
  ])
  expect(rules.map(({ settings }) => [settings.collectTimers, settings.collectSockets])).toEqual([
    [false, false],
    [true, false],
  ])
  expect(problems).toMatchObject([{ where: 'dcr-2: servicesSettings.sockets' }])
})
