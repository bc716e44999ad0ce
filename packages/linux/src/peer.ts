import type { Socket } from 'node:net'

import { callFailed, lastErrno, libcFunction } from './libc.ts'

const getsockopt: () => (descriptor: number, level: number, option: number, value: Buffer, bytes: Buffer) => number =
  libcFunction('int getsockopt(int fd, int level, int option, _Out_ void *value, _Inout_ void *bytes)')

// <asm-generic/socket.h>, which x64 and arm64 share.
const SOL_SOCKET = 1
const SO_PEERCRED = 17

/** Who is at the other end of a unix socket, as the kernel wrote it down when the connection was made. */
export interface PeerCredentials {
  readonly pid: number
  readonly uid: number
  readonly gid: number
}

/**
 * Asks the kernel (unix(7), SO_PEERCRED). `descriptor` is that of a connected unix socket; throws `LinuxError` for any
 * other.
 *
 *     struct ucred   ┌ pid i32 ┬ uid u32 ┬ gid u32 ┐   in the machine's byte order
 */
export function peerCredentials(descriptor: number): PeerCredentials {
  const value = Buffer.alloc(12)
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value.length)
  if (getsockopt()(descriptor, SOL_SOCKET, SO_PEERCRED, value, bytes) !== 0) {
    throw callFailed(`getsockopt(${descriptor}, SO_PEERCRED)`, lastErrno())
  }
  return { pid: value.readInt32LE(0), uid: value.readUInt32LE(4), gid: value.readUInt32LE(8) }
}

/** The file descriptor of an open socket, `undefined` once it is closed (or where node does not tell). */
export function descriptorOf(socket: Socket): number | undefined {
  // Node has no public way to it; `_handle.fd` has been there since the first versions.
  const handle: unknown = Reflect.get(socket, '_handle')
  if (typeof handle !== 'object' || handle === null || !('fd' in handle)) return undefined
  return typeof handle.fd === 'number' && handle.fd >= 0 ? handle.fd : undefined
}
