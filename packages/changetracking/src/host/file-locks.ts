import { readFileSync, statSync } from 'node:fs'

/**
 * Whether some process holds a lock on a file, by the kernel's list (/proc/locks, proc(5)); false where that cannot be told.
 * Nothing is locked for the question: a lock of ours would make a package manager give up.
 */
export function isLocked(path: string): boolean {
  try {
    const { dev, ino } = statSync(path)
    return isLockedIn(readFileSync('/proc/locks', 'latin1'), { device: dev, inode: ino })
  } catch {
    return false
  }
}

// `1: POSIX  ADVISORY  WRITE 3421 08:01:131 0 EOF`: the file is major:minor:inode, the numbers of the device in hex.
const LOCK = /^\d+: (?:POSIX|FLOCK|OFDLCK) +\w+ +(?:WRITE|READ) +-?\d+ ([0-9a-f]+):([0-9a-f]+):(\d+) /

/** The same of the list's text. A line that waits for a lock (`1: -> …`) holds none. */
export function isLockedIn(text: string, file: { readonly device: number; readonly inode: number }): boolean {
  // makedev(3) of glibc: the minor's upper bits lie above the major's lower ones.
  const major = (file.device >> 8) & 0xf_ff
  const minor = (file.device & 0xff) | ((file.device >> 12) & 0xf_ff00)
  return text.split('\n').some((line) => {
    const [, lockMajor, lockMinor, inode] = LOCK.exec(line) ?? []
    if (lockMajor === undefined || lockMinor === undefined || Number(inode) !== file.inode) return false
    // btrfs and overlays show stat(2) another number of no device than the kernel's list has.
    return parseInt(lockMajor, 16) === major && (major === 0 || parseInt(lockMinor, 16) === minor)
  })
}
