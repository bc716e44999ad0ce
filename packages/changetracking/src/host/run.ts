import { execFile } from 'node:child_process'

/** What became of a command. */
export type Ran =
  /** There is no such program. */
  | { readonly kind: 'missing' }
  /** It ran; `code` is -1 where it was ended by a signal, took too long or said too much. */
  | { readonly kind: 'ran'; readonly code: number; readonly output: string; readonly complaint: string }

/** Runs a program of this machine and gives what it printed. Never rejects, except by the signal's abort. */
export type RunCommand = (program: string, words: readonly string[], signal: AbortSignal) => Promise<Ran>

/** How long a command may take, in milliseconds. */
export const COMMAND_MS_MAX = 60_000
/** Bytes that a command may print. */
export const COMMAND_BYTES_MAX = 256 * 1024 * 1024

/** Looks for the program in the system's folders only, and runs it in the C locale, without a shell. */
export const runCommand: RunCommand = (program, words, signal) =>
  new Promise((resolve, reject) => {
    const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8', SYSTEMD_COLORS: '0' }
    const options = {
      env,
      timeout: COMMAND_MS_MAX,
      maxBuffer: COMMAND_BYTES_MAX,
      signal,
      killSignal: 'SIGKILL',
    } as const
    execFile(program, [...words], options, (error, output, complaint) => {
      if (signal.aborted) return reject(signal.reason instanceof Error ? signal.reason : new Error('stopped'))
      if (error === null) return resolve({ kind: 'ran', code: 0, output, complaint })
      if (error.code === 'ENOENT') return resolve({ kind: 'missing' })
      const code = typeof error.code === 'number' ? error.code : -1
      resolve({ kind: 'ran', code, output, complaint: complaint || error.message })
    })
  })
