import type { Socket } from 'node:net'

import { descriptorOf, peerCredentials } from '@tidemark/linux'

/** Connections of one process to one socket at most. */
export const CONNECTIONS_OF_PROCESS_MAX = 16

/**
 * Who may connect: root, the agent's own user and those that the settings name, and of each process so many connections.
 * Returns a question for `listenForward`: the reason why a connection is refused, or undefined.
 */
export function admission(users: ReadonlySet<number>): (socket: Socket) => string | undefined {
  const byProcess = new Map<number, number>()
  return (socket) => {
    const descriptor = descriptorOf(socket)
    if (descriptor === undefined) return 'the connection is gone'
    const { uid, pid } = peerCredentials(descriptor)
    if (!users.has(uid)) return `process ${pid} of user ${uid} may not connect (sockets.users names who may)`
    const count = (byProcess.get(pid) ?? 0) + 1
    if (count > CONNECTIONS_OF_PROCESS_MAX)
      return `process ${pid} has ${CONNECTIONS_OF_PROCESS_MAX} connections already`
    byProcess.set(pid, count)
    socket.once('close', () => {
      const left = (byProcess.get(pid) ?? 1) - 1
      if (left === 0) byProcess.delete(pid)
      else byProcess.set(pid, left)
    })
    return undefined
  }
}
