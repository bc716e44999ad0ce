import { closeSync, openSync } from 'node:fs'

import { lockFile } from '@tidemark/linux'

/** Holds a file's lock until it is disposed of; `undefined` where another process has it. */
export function holdLock(path: string): Disposable | undefined {
  const descriptor = openSync(path, 'a', 0o600)
  if (lockFile(descriptor, 'exclusive')) return { [Symbol.dispose]: () => closeSync(descriptor) }
  closeSync(descriptor)
  return undefined
}
