import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'

import { invariant, systemClock } from '@tidemark/base'
import { wakerOn } from '@tidemark/linux'

import { openProcesses } from '../host/processes.ts'
import { openWatchedMachine } from '../host/watched-machine.ts'
import { ProcessTable } from '../who/process-table.ts'
import type { FromThread, ThreadStart, ToThread } from './messages.ts'
import { openSources } from './open-sources.ts'
import { WatchLoop } from './watch-loop.ts'

// The thread that `openWatch` starts. It never comes back to its event loop: messages are taken from the port by hand.
invariant(parentPort !== null, 'the watch runs in a thread of its own')
const port = parentPort
// What `openWatch` gave, checked by the type on both sides.
const start: ThreadStart = workerData
const { wakerDescriptor, prefer } = start
const machine = openWatchedMachine()
const table = new ProcessTable(openProcesses(systemClock), systemClock)
const sources = openSources(machine, table, prefer)
const post = (message: FromThread): void => port.postMessage(message)
try {
  post({ kind: 'ready', method: sources.method, trouble: sources.trouble })
  if (sources.fanotify !== undefined) table.prime()
  new WatchLoop({
    sources,
    machine,
    table,
    clock: systemClock,
    waker: wakerOn(wakerDescriptor),
    receive: () => {
      const message: ToThread | undefined = receiveMessageOnPort(port)?.message
      return message
    },
    post,
  }).run()
} catch (error) {
  post({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) })
} finally {
  sources.close()
  port.close()
}
