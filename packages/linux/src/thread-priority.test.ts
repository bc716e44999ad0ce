import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { Worker } from 'node:worker_threads'

import { expect, test } from 'vitest'

/** What a thread of its own, which yields so, sees of itself: nice value (proc_pid_stat(5), field 19) and I/O class. */
async function yielding(nice: number, ioClass: string): Promise<{ nice: number; ioClass: number }> {
  const yields = JSON.stringify(new URL('./thread-priority.ts', import.meta.url).href)
  const libc = JSON.stringify(new URL('./libc.ts', import.meta.url).href)
  const program = `
    import { readFileSync } from 'node:fs'
    import { parentPort } from 'node:worker_threads'
    import { yieldToOthers } from ${yields}
    import { libcFunction } from ${libc}
    yieldToOthers(${nice}, '${ioClass}')
    const fields = readFileSync('/proc/thread-self/stat', 'latin1').split(') ')[1].split(' ')
    // ioprio_get(2): the class is in the bits from 13 on.
    const get = libcFunction('long syscall(long number, long which, long who, long value)')()
    const number = process.arch === 'arm64' ? 31 : 252
    parentPort.postMessage({ nice: Number(fields[16]), ioClass: Number(get(number, 1, 0, 0)) >> 13 })
  `
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(program)}`))
  const [seen] = await once(worker, 'message')
  await worker.terminate()
  return seen
}

const niceOfThis = (): string | undefined =>
  readFileSync('/proc/thread-self/stat', 'latin1').split(') ')[1]?.split(' ')[16]

test('a thread yields, in its share and in its reads, and no other with it', async () => {
  const before = niceOfThis()
  expect(await yielding(19, 'idle')).toEqual({ nice: 19, ioClass: 3 })
  const nice = Math.max(5, Number(before))
  expect(await yielding(nice, 'best-effort')).toEqual({ nice, ioClass: 2 })
  expect(niceOfThis()).toBe(before)
})
