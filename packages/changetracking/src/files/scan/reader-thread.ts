import { workerData } from 'node:worker_threads'

import { systemClock } from '@tidemark/base'
import { yieldToOthers } from '@tidemark/linux'

import { threadNumber } from '../../host/this-thread.ts'
import { readFile } from './read-file.ts'
import { decodeOrders, encodeAnswers, type FromReader, type OrderMessage } from './reader-messages.ts'
import type { ReaderStart } from './readers.ts'

// The body of a thread that reads files: orders come in batches and are answered in their order.
const { port, answered, thread, nice, ioClass, owners }: ReaderStart = workerData
const circumstances = { nowMs: () => systemClock.nowMs(), owners }
Atomics.store(thread, 0, threadNumber())
if (nice > 0) yieldToOthers(nice, ioClass)
port.on('message', (message: OrderMessage) => {
  port.postMessage(answerTo(message))
  Atomics.add(answered, 0, 1)
  Atomics.notify(answered, 0)
})

/** Whoever waits for it hears of nothing else: what is thrown is an answer, too. */
function answerTo(message: OrderMessage): FromReader {
  try {
    return encodeAnswers(decodeOrders(message).map((order) => readFile(order, circumstances)))
  } catch (error) {
    return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) }
  }
}
