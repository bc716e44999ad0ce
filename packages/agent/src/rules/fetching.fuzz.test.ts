// Goal: whatever a server answers to the question for rules, the agent goes on, the last good rules stay in force, what is
// wrong is told with its place, and memory does not grow. Method: the real loop, and good answers with parts changed by
// chance. TIDEMARK_FUZZ says how many.
import { brokenText, ManualClock, randomFrom } from '@tidemark/base/testing'
import { pino } from 'pino'
import { expect, test } from 'vitest'

import { fixedToken } from '../upload/machine-tokens.ts'
import { parseChunk, type RuleInForce } from './config-chunks.ts'
import { destinationsOf } from './destinations.ts'
import { fetchRules } from './fetching.ts'

const COUNT = Number(process.env['TIDEMARK_FUZZ'] ?? 2_000)
const HEAP_BYTES_MAX = 128 * 1024 * 1024
const ids = ['a', 'b'].map((digit) => `dcr-${digit.repeat(32)}`)

const content = {
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
    'ChangeTracking-Linux': [{ id: 'x', originIds: [], extensionSettings: {}, outputStreams: {} }],
  },
}
const answer = JSON.stringify({
  configurations: ids.map((configurationId) => ({ configurationId, eTag: '1', op: 'added', content })),
})
const PLACE =
  /line \d+, column \d+|configurations|channels|dataSources|extensionConfigurations|its id is no immutable id|expected/

test(`after each of ${COUNT} broken answers of the server its last good rules are in force`, async () => {
  const random = randomFrom(5)
  const stop = new AbortController()
  let rules: readonly RuleInForce[] = []
  let before = rules
  let [asked, taken, refused, heapBytes] = [0, 0, 0, 0]
  const wrong: string[] = []
  await fetchRules({
    registration: { serverUrl: 'http://s', resourceId: '/r', region: 'local', token: 't' },
    machineTokens: fixedToken('t'),
    refreshMs: 1_000,
    clock: new ManualClock(),
    chance: random,
    log: pino({ level: 'silent' }),
    signal: stop.signal,
    transport: async () => {
      asked += 1
      before = rules
      if (asked % 20_000 === 0) heapBytes = Math.max(heapBytes, process.memoryUsage().heapUsed)
      if (asked > COUNT) stop.abort(new Error('enough'))
      return await Promise.resolve({
        status: 200,
        headers: {},
        text: asked % 10 === 1 ? answer : brokenText(answer, random),
      })
    },
    current: () => rules,
    onRules: (next) => {
      // What is put in force can be used.
      for (const rule of next) if (typeof parseChunk(rule.chunk) === 'string') wrong.push(JSON.stringify(rule))
      for (const { destinations } of next.map(destinationsOf))
        for (const { channel } of destinations) void new URL(channel.endpoint)
      rules = next
    },
    onState: ({ error, problems }) => {
      if (error === undefined && problems.length === 0) taken += 1
      else refused += 1
      for (const text of error === undefined ? problems : [error]) if (!PLACE.test(text)) wrong.push(text)
      // Neither a broken answer nor a broken rule takes a good one out of force.
      if (error !== undefined && rules !== before) wrong.push(`other rules after ${error}`)
      const isKept = ({ id }: RuleInForce): boolean => rules.some((rule) => rule.id === id)
      const hasBrokenId = problems.some((problem) => problem.includes('immutable id'))
      if (hasBrokenId && !before.every((rule) => isKept(rule))) wrong.push('a rule is gone')
    },
  })
  expect(wrong.slice(0, 5)).toEqual([])
  expect(Math.min(taken, refused)).toBeGreaterThan(0)
  expect(heapBytes).toBeLessThan(HEAP_BYTES_MAX)
}, 3_600_000)
