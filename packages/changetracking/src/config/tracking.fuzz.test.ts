// Goal: whatever an agent answers, change tracking goes on: what is no configuration is rejected with its place, what is one
// can be used in every way that rules are used, and memory does not grow. Method: a good answer with parts changed by
// chance, outside and inside of `TaggedData`. TIDEMARK_FUZZ says how many.
import { brokenText, randomFrom } from '@tidemark/base/testing'
import { trackedTypes } from '@tidemark/model'
import { expect, test } from 'vitest'

import { trackedSetOf } from '../files/files-keeper.ts'
import {
  frequencyMs,
  fullReadMs,
  inventoryFrequencyMs,
  isWatching,
  parseTracking,
  scanBudget,
  type Tracking,
} from './tracking.ts'

const COUNT = Number(process.env['TIDEMARK_FUZZ'] ?? 2_000)
const HEAP_BYTES_MAX = 128 * 1024 * 1024

const tagged = JSON.stringify({
  schemaVersion: 1,
  version: '1',
  extensionName: 'ChangeTracking-Linux',
  extensionConfigurations: [
    {
      id: `dcr-${'a'.repeat(32)}:CTDataSource-Linux`,
      originIds: ['/r/rule'],
      extensionSettings: {
        enableFiles: true,
        fileSettings: {
          fileCollectionFrequency: 900,
          fileInfo: [
            { name: 'n', enabled: true, destinationPath: '/etc/*.conf', recurse: true, type: 'File', links: 'Follow' },
          ],
        },
        softwareSettings: { softwareCollectionFrequency: 300 },
        inventorySettings: { inventoryCollectionFrequency: 36_000 },
      },
      outputStreams: { CONFIG_CHANGE_BLOB_V2: 'c', CONFIG_DATA_BLOB_V2: 'i' },
    },
  ],
})
const answerWith = (TaggedData: string): string =>
  JSON.stringify({
    Request: 'AgentTaggedData',
    RequestId: 'r',
    Version: '1',
    Success: true,
    Description: '',
    TaggedData,
  })

/** As the schedulers and the scan use them. */
function use(tracking: Tracking): void {
  for (const type of trackedTypes) {
    const times = [frequencyMs(tracking, type), inventoryFrequencyMs(tracking, type), fullReadMs(tracking)]
    for (const each of times) if (each !== undefined && !(each > 0)) throw new Error(`every ${each} ms`)
  }
  isWatching(tracking)
  scanBudget(tracking)
  JSON.stringify(trackedSetOf(tracking))
}

test(`${COUNT} broken answers of the agent do no harm`, () => {
  const random = randomFrom(11)
  let [taken, partly, refused, heapBytes] = [0, 0, 0, 0]
  for (let count = 0; count < COUNT; count += 1) {
    const isInside = random() < 0.7
    const read = parseTracking(
      isInside ? answerWith(brokenText(tagged, random)) : brokenText(answerWith(tagged), random),
    )
    const problems = read.kind === 'rejected' ? read.problems : read.value.problems
    for (const { where, message } of problems) if (where === '') throw new Error(`no place: ${message}`)
    if (read.kind === 'rejected') refused += 1
    else {
      use(read.value)
      if (problems.length > 0) partly += 1
      else taken += 1
    }
    if (count % 20_000 === 0) heapBytes = Math.max(heapBytes, process.memoryUsage().heapUsed)
  }
  expect(Math.min(taken, partly, refused)).toBeGreaterThan(0)
  expect(heapBytes).toBeLessThan(HEAP_BYTES_MAX)
}, 3_600_000)
