import { configChunk, type ConfigChunk } from '@tidemark/model'
import { expect, test } from 'vitest'

import { destinationsOf, heartbeatChannels } from './destinations.ts'

const id = `dcr-${'a'.repeat(32)}`
const ods = (name: string) => ({ id: name, protocol: 'ods', endpoint: 'https://s', tokenEndpointUri: 'https://s/t' })
const logs = (streams: Record<string, string>) => ({
  id: 'logs-a',
  protocol: 'logs-ingestion',
  endpoint: 'https://a.ingest.monitor.azure.com',
  immutableId: id,
  streams,
})
const ruleOf = (channels: readonly object[], sources: readonly (readonly [string[], string[]])[]) => {
  const chunk: ConfigChunk = configChunk.parse({
    channels,
    dataSources: sources.map(([streams, sendToChannels]) => ({
      id: 'CTDataSource-Linux',
      kind: 'extension',
      configuration: {},
      streams: streams.map((stream) => ({ stream })),
      sendToChannels,
    })),
  })
  return { id, eTag: '1', chunk }
}
const pairs = (rule: ReturnType<typeof ruleOf>): string[] =>
  destinationsOf(rule).destinations.map(({ stream, channel }) => `${stream.split(':')[2]} ${channel.id}`)

test('a stream goes to every channel that any of its data sources names', () => {
  const rule = ruleOf(
    [ods('ods-1'), ods('ods-2'), logs({ CONFIG_CHANGE_BLOB_V2: 'Custom-Changes' })],
    [
      [['CONFIG_CHANGE_BLOB_V2', 'CONFIG_DATA_BLOB_V2'], ['ods-1']],
      [['CONFIG_CHANGE_BLOB_V2'], ['ods-2', 'logs-a']],
      [['CONFIG_DATA_BLOB_V2'], ['logs-a']],
    ],
  )
  expect(pairs(rule)).toEqual([
    'CONFIG_CHANGE_BLOB_V2 ods-1',
    'CONFIG_DATA_BLOB_V2 ods-1',
    'CONFIG_CHANGE_BLOB_V2 ods-2',
    'CONFIG_CHANGE_BLOB_V2 logs-a',
  ])
})

test('gaps and operations travel among the changes, also where nothing else of them is wanted', () => {
  const rule = ruleOf(
    [logs({ TidemarkOperation: 'Custom-Ops' })],
    [[['CONFIG_CHANGE_BLOB_V2', 'CONFIG_DATA_BLOB_V2'], ['logs-a']]],
  )
  expect(pairs(rule)).toEqual(['CONFIG_CHANGE_BLOB_V2 logs-a'])
})

test('a channel of another protocol, and one that is not there, are told', () => {
  const rule = ruleOf([{ id: 'gig', protocol: 'gig' }], [[['CONFIG_DATA_BLOB_V2'], ['gig', 'none']]])
  expect(destinationsOf(rule).problems).toEqual([
    expect.stringContaining('gig of CTDataSource-Linux speaks gig'),
    expect.stringContaining('none of CTDataSource-Linux is not in its channels'),
  ])
})

test('a broken channel breaks its rule, with its place', () => {
  const channels = [ods('ods-1'), { ...logs({ CONFIG_CHANGE_BLOB_V2: 'no such' }), endpoint: 'http://a' }]
  expect(configChunk.safeParse({ channels }).error?.issues.map(({ path }) => path.join('.'))).toEqual([
    'channels.1.endpoint',
    'channels.1.streams.CONFIG_CHANGE_BLOB_V2',
  ])
})

test('heartbeats go to one server, and to each rule of Azure’s that has a stream for them', () => {
  const rules = [
    ruleOf([ods('ods-1'), ods('ods-2'), logs({ HEALTH_ASSESSMENT_BLOB: 'Custom-Beats' })], []),
    ruleOf([logs({ HEALTH_ASSESSMENT_BLOB: 'Custom-Beats' }), { ...logs({}), id: 'logs-b' }], []),
  ]
  expect(heartbeatChannels(rules, 'ods').map((each) => each.id)).toEqual(['ods-1'])
  expect(heartbeatChannels(rules, 'logs-ingestion').map((each) => each.id)).toEqual(['logs-a'])
})
