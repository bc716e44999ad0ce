import { callFailed, lastErrno, libcFunction } from './libc.ts'

const flock: () => (descriptor: number, operation: number) => number = libcFunction('int flock(int fd, int operation)')

// flock(2) and <sys/file.h>.
const LOCK_SH = 1
const LOCK_EX = 2
const LOCK_NB = 4
const EWOULDBLOCK = 11
const EINTR = 4

/** Attempts after a signal arrived in the middle of the call. */
const ATTEMPTS_MAX = 100

/**
 * Tries once to take an advisory lock (flock(2)) on an open file: true when it is ours. It ends with the descriptor, also
 * when the process is killed. Throws `LinuxError` where the kernel refuses for another reason than another's lock.
 */
export function lockFile(descriptor: number, mode: 'shared' | 'exclusive'): boolean {
  for (let attempt = 1; ; attempt += 1) {
    if (flock()(descriptor, (mode === 'shared' ? LOCK_SH : LOCK_EX) | LOCK_NB) === 0) return true
    const errno = lastErrno()
    if (errno === EWOULDBLOCK) return false
    if (errno !== EINTR || attempt === ATTEMPTS_MAX) throw callFailed(`flock(${descriptor})`, errno)
  }
}
