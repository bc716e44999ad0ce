import { readFileSync } from 'node:fs'

/** The text of /proc/self/mountinfo; empty where it cannot be read. */
export function mountInfoText(): string {
  try {
    return readFileSync('/proc/self/mountinfo', 'utf8')
  } catch {
    return ''
  }
}

/** Whether this process may read everything. */
export function isRoot(): boolean {
  return process.geteuid?.() === 0
}
