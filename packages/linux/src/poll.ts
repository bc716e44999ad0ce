import { Buffer } from 'node:buffer'

import { closeDescriptor, readInto } from './descriptor.ts'
import { callFailed, lastErrno, libcFunction } from './libc.ts'

const ppoll: () => (descriptors: Buffer, count: number, timeout: Buffer, signals: null) => number = libcFunction(
  'int ppoll(_Inout_ void *fds, unsigned long nfds, const void *timeout, const void *sigmask)',
)
const eventfd: () => (count: number, flags: number) => number = libcFunction(
  'int eventfd(unsigned int initval, int flags)',
)
const write: () => (descriptor: number, bytes: Buffer, count: number) => number = libcFunction(
  'intptr_t write(int fd, const void *buffer, size_t bytes)',
)

// <asm-generic/poll.h>, <linux/eventfd.h>
const POLLIN = 0x1
const POLLPRI = 0x2
const EFD_NONBLOCK = 0x800
const EFD_CLOEXEC = 0x8_0000
const EINTR = 4
const POLLFD_BYTES = 8
const TIMESPEC_BYTES = 16

/** What is waited for: something to read, or the exceptional (a change of /proc/self/mountinfo). */
export interface Awaited {
  readonly descriptor: number
  readonly for: 'reading' | 'exception'
}

/**
 * Holds this thread until one of the descriptors is ready or the time is over; the ready ones, by their descriptor. An
 * error or a hang-up on one counts as ready. Never call it in the main thread with a time above zero.
 *
 *     struct pollfd    ┌ fd i32 ┬ events i16 ┬ revents i16 ┐
 *     struct timespec  ┌ seconds i64 ┬ nanoseconds i64 ┐
 */
export function waitFor(awaited: readonly Awaited[], timeoutMs: number): ReadonlySet<number> {
  const asked = Buffer.alloc(awaited.length * POLLFD_BYTES)
  for (const [index, each] of awaited.entries()) {
    asked.writeInt32LE(each.descriptor, index * POLLFD_BYTES)
    asked.writeInt16LE(each.for === 'reading' ? POLLIN : POLLPRI, index * POLLFD_BYTES + 4)
  }
  const timeout = Buffer.alloc(TIMESPEC_BYTES)
  const timeoutNs = BigInt(Math.ceil(Math.max(0, timeoutMs) * 1_000_000))
  timeout.writeBigInt64LE(timeoutNs / 1_000_000_000n)
  timeout.writeBigInt64LE(timeoutNs % 1_000_000_000n, 8)
  if (ppoll()(asked, awaited.length, timeout, null) < 0) {
    const errno = lastErrno()
    if (errno === EINTR) return new Set()
    throw callFailed('ppoll', errno)
  }
  const isReady = (index: number): boolean => asked.readInt16LE(index * POLLFD_BYTES + 6) !== 0
  return new Set(awaited.flatMap(({ descriptor }, index) => (isReady(index) ? [descriptor] : [])))
}

/** Whether the process behind a pidfd has ended (pidfd_open(2): then it can be read); also where it waits to be reaped. */
export function hasEnded(pidfd: number): boolean {
  return waitFor([{ descriptor: pidfd, for: 'reading' }], 0).size > 0
}

/** Wakes a thread that waits: its descriptor is ready from `wake` until `clear`. */
export interface Waker {
  readonly descriptor: number
  wake(): void
  clear(): void
  close(): void
}

/** Opens a waker (eventfd(2)). The descriptor belongs to the process, so `wakerOn` may use it in another thread. */
export function openWaker(): Waker {
  const descriptor = eventfd()(0, EFD_NONBLOCK | EFD_CLOEXEC)
  if (descriptor < 0) throw callFailed('eventfd', lastErrno())
  return wakerOn(descriptor)
}

/** The waker that another thread of this process opened. */
export function wakerOn(descriptor: number): Waker {
  const one = Buffer.alloc(8)
  one.writeBigUInt64LE(1n)
  const count = Buffer.alloc(8)
  return {
    descriptor,
    wake: () => void write()(descriptor, one, one.length),
    clear: () => void readInto(descriptor, count),
    close: () => closeDescriptor(descriptor),
  }
}
