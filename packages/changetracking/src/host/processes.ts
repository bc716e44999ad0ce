import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync, statSync } from 'node:fs'

import type { Clock } from '@tidemark/base'
import { hasEnded } from '@tidemark/linux'

import { parseNames } from '../files/owners.ts'
import { parseForks } from '../who/process-text.ts'
import { PROCESS_FILE_BYTES_MAX, type ProcessReader } from '../who/process-reader.ts'

/** How long names of users are taken as they were before /etc/passwd is looked at again, in milliseconds. */
const ACCOUNTS_MS = 1_000
/** The kernel's own default. */
const PID_MAX_DEFAULT = 32_768

/** The processes of this machine. One buffer is used for everything that is read. */
export function openProcesses(clock: Clock): ProcessReader {
  const buffer = Buffer.allocUnsafe(PROCESS_FILE_BYTES_MAX)
  const accounts = { names: new Map() as ReadonlyMap<number, string>, stamp: '', lookedAtMs: -Infinity }
  return {
    read: (pid, file) => beginningOf(`/proc/${pid}/${file}`, buffer),
    executable: (pid) => quietly(() => readlinkSync(`/proc/${pid}/exe`, { encoding: 'latin1' })),
    pids: () =>
      readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .map(Number),
    forks: () => parseForks(quietly(() => readFileSync('/proc/stat', 'latin1')) ?? ''),
    pidMax: () => Number(beginningOf('/proc/sys/kernel/pid_max', buffer)) || PID_MAX_DEFAULT,
    accounts: () => {
      if (clock.monotonicMs() - accounts.lookedAtMs < ACCOUNTS_MS) return accounts.names
      accounts.lookedAtMs = clock.monotonicMs()
      const stamp = quietly(() => {
        const { ino, mtimeNs } = statSync('/etc/passwd', { bigint: true })
        return `${ino} ${mtimeNs}`
      })
      if (stamp === undefined || stamp === accounts.stamp) return accounts.names
      accounts.stamp = stamp
      accounts.names = parseNames(quietly(() => readFileSync('/etc/passwd', 'utf8')) ?? '')
      return accounts.names
    },
    hasEnded,
  }
}

function beginningOf(path: string, buffer: Buffer): string | undefined {
  return quietly(() => {
    const descriptor = openSync(path, 'r')
    try {
      return buffer.toString('latin1', 0, readSync(descriptor, buffer, 0, buffer.length, 0))
    } finally {
      closeSync(descriptor)
    }
  })
}

/** A process that ends while it is read is no error. */
function quietly<T>(action: () => T): T | undefined {
  try {
    return action()
  } catch {
    return undefined
  }
}
