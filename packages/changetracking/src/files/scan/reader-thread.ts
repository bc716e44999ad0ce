import { workerData } from 'node:worker_threads'

import { systemClock } from '@tidemark/base'
import { yieldToOthers } from '@tidemark/linux'

import { readFile } from './read-file.ts'
import { decodeOrders, encodeAnswers, type OrderMessage } from './reader-messages.ts'
import type { ReaderStart } from './readers.ts'

// The body of a thread that reads files: orders come in batches and are answered in their order.
const { port, answered, nice, ioClass, owners }: ReaderStart = workerData
const circumstances = { nowMs: () => systemClock.nowMs(), owners }
if (nice > 0) yieldToOthers(nice, ioClass)
port.on('message', (message: OrderMessage) => {
  port.postMessage(encodeAnswers(decodeOrders(message).map((order) => readFile(order, circumstances))))
  Atomics.add(answered, 0, 1)
  Atomics.notify(answered, 0)
})
