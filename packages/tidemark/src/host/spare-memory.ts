import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import type { Clock } from '@tidemark/base'
import { letGoOfCode, returnFreedMemory } from '@tidemark/linux'

/** When a program has settled after its start, and how often it looks again, in milliseconds. */
const SETTLED_MS = 30_000
const AGAIN_MS = 600_000

/**
 * Gives back what the start, or a time of much work, has left: V8 keeps compiled code and room for garbage, the C library
 * keeps what was freed. Waits for the program to settle, then looks every ten minutes, until the signal.
 */
export async function spareMemory(clock: Clock, signal: AbortSignal): Promise<void> {
  for (let waitMs = SETTLED_MS; ; waitMs = AGAIN_MS) {
    await clock.sleep(waitMs, signal).catch(() => undefined)
    if (signal.aborted) return
    collectAll()
    returnFreedMemory()
    letGoOfCode()
  }
}

/** V8's most thorough collection: code that was not used lately goes, too, and is compiled again when it is. */
function collectAll(): void {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  setFlagsFromString('--no-expose-gc')
  if (typeof collect === 'function') collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}
