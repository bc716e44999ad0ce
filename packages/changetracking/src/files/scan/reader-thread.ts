import { workerData } from 'node:worker_threads'

import { systemClock } from '@tidemark/base'
import { yieldToOthers } from '@tidemark/linux'

import { type ReadOrder, readFile } from './read-file.ts'
import type { ReaderStart } from './readers.ts'

// The body of a thread that reads files: orders come in batches and are answered in their order.
const { port, answered, nice, ioClass }: ReaderStart = workerData
if (nice > 0) yieldToOthers(nice, ioClass)
port.on('message', (orders: readonly ReadOrder[]) => {
  port.postMessage(orders.map((order) => readFile(order, systemClock)))
  Atomics.add(answered, 0, 1)
  Atomics.notify(answered, 0)
})
