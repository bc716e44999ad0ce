// Goal: whatever answers a server gives and whatever stands in a config request, the agent neither ends nor takes up what is
// broken. Method: good documents with parts changed by chance. TIDEMARK_FUZZ says how many.
import { randomFrom } from '@tidemark/base/testing'
import { configResponse } from '@tidemark/model'
import { expect, test } from 'vitest'

import { parseChunk } from './config-chunks.ts'
import { destinationsOf } from './destinations.ts'
import { parseCursor } from '../sink/cursor.ts'
import { parsePayload, parsePreface, readRecord } from '../sink/segment.ts'
import { answerConfigRequest } from '../sockets/config-answer.ts'

const COUNT = Number(process.env['TIDEMARK_FUZZ'] ?? 2_000)

const dcr = `dcr-${'a'.repeat(32)}`
const chunk = JSON.stringify({
  dataSources: [
    {
      id: 'CTDataSource-Linux',
      kind: 'extension',
      configuration: {},
      streams: [{ stream: 'CONFIG_CHANGE_BLOB_V2' }],
      sendToChannels: ['ods-w'],
    },
  ],
  channels: [{ id: 'ods-w', protocol: 'ods', endpoint: 'http://s/ods/w', tokenEndpointUri: 'http://s/t' }],
  extensionConfigurations: {
    'ChangeTracking-Linux': [{ id: `${dcr}:x`, originIds: [], extensionSettings: {}, outputStreams: {} }],
  },
})
const request = '{"Request":"AgentTaggedData","RequestId":"x","Tag":"ChangeTracking-Linux","Version":"1"}'
const parts = [
  'null',
  '[]',
  '{}',
  '"',
  '\\',
  '1e999',
  '-1',
  'true',
  '"__proto__"',
  '\u0000',
  '\u{1f600}',
  ',',
  ':',
  '[[[[',
]

function changed(text: string, random: () => number): string {
  let result = text
  for (let count = 1 + Math.floor(random() * 3); count > 0; count -= 1) {
    const [from, length] = [Math.floor(random() * result.length), Math.floor(random() * 12)]
    result = result.slice(0, from) + (parts[Math.floor(random() * parts.length)] ?? '') + result.slice(from + length)
  }
  return result
}

test(`${COUNT} broken config answers, requests, cursors and records do no harm`, () => {
  const random = randomFrom(3)
  let [taken, refused] = [0, 0]
  for (let count = 0; count < COUNT; count += 1) {
    const read = parseChunk(changed(chunk, random))
    if (typeof read === 'string') refused += 1
    else {
      taken += 1
      for (const { channel } of destinationsOf({ id: dcr, eTag: '1', chunk: read }).destinations)
        void new URL(channel.endpoint)
    }
    const answer = configResponse.parse(JSON.parse(answerConfigRequest(changed(request, random), [])))
    JSON.parse(answer.TaggedData)
    parseCursor(changed('{"readers":{"r":{"position":{"segment":1,"offset":0}}},"gone":[1]}', random))
    const bytes = Buffer.from(changed('{"chunk":"c","at":1,"count":1,"rows":[{"a":1}]}', random))
    parsePreface(bytes)
    parsePayload(bytes)
    readRecord(bytes, Math.floor(random() * bytes.length))
  }
  expect(Math.min(taken, refused)).toBeGreaterThan(0)
}, 3_600_000)
