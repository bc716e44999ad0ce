import { chmodSync, lstatSync, unlinkSync } from 'node:fs'
import { connect } from 'node:net'

/** Removes the file of a socket on which nobody listens any more; a live one, and anything that is no socket, stays. */
export async function removeStaleSocketFile(path: string): Promise<void> {
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSocket()) return
  if (!(await isAnswered(path))) unlinkSync(path)
}

/** Gives the socket's file its mode. */
export function makeSocketFileReachable(path: string, mode: number): void {
  chmodSync(path, mode)
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT'),
    )
  })
}
