// Goal: whatever answers a server gives and whatever stands in a config request, the agent neither ends nor takes up what is
// broken. Method: good documents with parts changed by chance. TIDEMARK_FUZZ says how many.
import { brokenText, randomFrom } from '@tidemark/base/testing'
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
test(`${COUNT} broken config answers, requests, cursors and records do no harm`, () => {
  const random = randomFrom(3)
  let [taken, refused] = [0, 0]
  for (let count = 0; count < COUNT; count += 1) {
    const read = parseChunk(brokenText(chunk, random))
    if (typeof read === 'string') refused += 1
    else {
      taken += 1
      for (const { channel } of destinationsOf({ id: dcr, eTag: '1', chunk: read }).destinations)
        void new URL(channel.endpoint)
    }
    const answer = configResponse.parse(JSON.parse(answerConfigRequest(brokenText(request, random), [])))
    JSON.parse(answer.TaggedData)
    parseCursor(brokenText('{"readers":{"r":{"position":{"segment":1,"offset":0}}},"gone":[1]}', random))
    const bytes = Buffer.from(brokenText('{"chunk":"c","at":1,"count":1,"rows":[{"a":1}]}', random))
    parsePreface(bytes)
    parsePayload(bytes)
    readRecord(bytes, Math.floor(random() * bytes.length))
  }
  expect(Math.min(taken, refused)).toBeGreaterThan(0)
}, 3_600_000)
