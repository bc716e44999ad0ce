import { callFailed, lastErrno, libcFunction } from './libc.ts'

const read: () => (descriptor: number, buffer: Buffer, bytes: number) => number = libcFunction(
  'intptr_t read(int fd, _Out_ void *buffer, size_t bytes)',
)
const close: () => (descriptor: number) => number = libcFunction('int close(int fd)')
// The C library of some machines is older than close_range(2); the number is the same on every architecture.
const closeRange: () => (call: number, first: number, last: number, flags: number) => number = libcFunction(
  'long syscall(long number, unsigned int first, unsigned int last, unsigned int flags)',
)
const SYS_CLOSE_RANGE = 436

const EINTR = 4
const EAGAIN = 11

/** Bytes read into `buffer`, 0 where nothing waits. Throws `LinuxError` for what the kernel refuses. */
export function readInto(descriptor: number, buffer: Buffer): number {
  const count = read()(descriptor, buffer, buffer.length)
  if (count >= 0) return count
  const errno = lastErrno()
  if (errno === EAGAIN || errno === EINTR) return 0
  throw callFailed(`read(${descriptor})`, errno)
}

/** Closes a descriptor that is ours. */
export function closeDescriptor(descriptor: number): void {
  close()(descriptor)
}

/**
 * Closes many descriptors, all of them ours, with one call for each unbroken run of numbers: the kernel hands them out in
 * such runs. Negative numbers are left out.
 */
export function closeDescriptors(descriptors: readonly number[]): void {
  for (const { first, last } of runsOf(descriptors)) {
    if (last === first) closeDescriptor(first)
    else if (closeRange()(SYS_CLOSE_RANGE, first, last, 0) !== 0)
      for (let each = first; each <= last; each += 1) closeDescriptor(each)
  }
}

/** The unbroken runs in a set of numbers, ascending; no number is in a run that is not in the set. */
export function runsOf(numbers: readonly number[]): { readonly first: number; readonly last: number }[] {
  const runs: { first: number; last: number }[] = []
  for (const number of numbers.filter((each) => each >= 0).sort((one, other) => one - other)) {
    const run = runs.at(-1)
    if (run !== undefined && number <= run.last + 1) run.last = number
    else runs.push({ first: number, last: number })
  }
  return runs
}
