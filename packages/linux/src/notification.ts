import { Buffer } from 'node:buffer'

import { closeDescriptor } from './descriptor.ts'
import { callFailed, lastErrno, libcFunction } from './libc.ts'

const socket: () => (domain: number, type: number, protocol: number) => number = libcFunction(
  'int socket(int domain, int type, int protocol)',
)
const sendTo: () => (
  descriptor: number,
  data: Buffer,
  bytes: number,
  flags: number,
  address: Buffer,
  addressBytes: number,
) => number = libcFunction(
  'intptr_t sendto(int fd, const void *data, size_t bytes, int flags, const void *address, unsigned int addressBytes)',
)

// <sys/socket.h>, which x64 and arm64 share.
const AF_UNIX = 1
const SOCK_DGRAM = 2
const SOCK_CLOEXEC = 0x8_0000
const MSG_NOSIGNAL = 0x4000
const MSG_DONTWAIT = 0x40
/** Bytes of a path in `sockaddr_un`. */
const SUN_PATH_BYTES = 108

/**
 * Sends one datagram to a unix socket: a path, or an abstract name behind an `@`, as NOTIFY_SOCKET names it (sd_notify(3)).
 * Returns at once. Throws `LinuxError` where the address is none, nobody listens there, or its queue is full.
 *
 *     struct sockaddr_un   ┌ family u16 ┬ path, abstract ones behind a NUL ┐   as long as the path is
 */
export function sendDatagram(address: string, text: string): void {
  const descriptor = socket()(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)
  if (descriptor < 0) throw callFailed('socket(AF_UNIX, SOCK_DGRAM)', lastErrno())
  try {
    const data = Buffer.from(text)
    const target = addressOf(address)
    if (sendTo()(descriptor, data, data.length, MSG_NOSIGNAL | MSG_DONTWAIT, target, target.length) < 0)
      throw callFailed(`sendto(${address})`, lastErrno())
  } finally {
    closeDescriptor(descriptor)
  }
}

const EINVAL = 22

function addressOf(address: string): Buffer {
  const path = Buffer.from(address.startsWith('@') ? `\0${address.slice(1)}` : `${address}\0`)
  if (address === '' || path.length > SUN_PATH_BYTES) throw callFailed(`sendto(${address})`, EINVAL)
  const family = Buffer.alloc(2)
  family.writeUInt16LE(AF_UNIX)
  return Buffer.concat([family, path])
}
