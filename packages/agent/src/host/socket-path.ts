import { chmodSync, lstatSync, mkdirSync, unlinkSync } from 'node:fs'
import { connect } from 'node:net'
import { dirname } from 'node:path'

/** Makes way for a socket: the file of one on which nobody listens is removed, and its folder made. */
export async function removeStale(path: string): Promise<void> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o750 })
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSocket()) return
  const isAnswered = await new Promise<boolean>((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
  if (!isAnswered) unlinkSync(path)
}

/** For our user and group. */
export function makeReachable(path: string): void {
  chmodSync(path, 0o660)
}
