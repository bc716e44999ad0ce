import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** One of our programs, running as a child. */
export interface Program {
  readonly pid: number
  /** Resolves when it has ended; never rejects. */
  readonly ended: Promise<ProgramEnd>
  /** Asks it to end (SIGTERM), or ends it at once (SIGKILL). Nothing happens when it has ended. */
  signal(name: 'SIGTERM' | 'SIGKILL'): void
}

export interface ProgramEnd {
  readonly code: number | null
  readonly signal: string | null
}

// The programs on the machine make little garbage: young space of 2 MiB saves 25 MiB of memory each, and no time is lost.
const FRUGAL = ['--max-semi-space-size=2'] as const

/**
 * Starts `tidemark <words…>` in a process group of its own, so that Ctrl-C reaches only its starter, with what it
 * prints appended to `logPath`. It is told over a channel when its starter is gone, and then ends by itself.
 */
export function startProgram(words: readonly string[], logPath: string): Program {
  const log = openSync(logPath, 'a', 0o640)
  const flags = words[0] === 'server' ? [] : FRUGAL
  const main = fileURLToPath(new URL('../main.ts', import.meta.url))
  const child = spawn(process.execPath, [...flags, main, ...words], {
    stdio: ['ignore', log, log, 'ipc'],
    detached: true,
  })
  closeSync(log)
  return {
    pid: child.pid ?? 0,
    ended: endOf(child),
    signal: (name) => void (child.exitCode === null && child.signalCode === null && child.kill(name)),
  }
}

function endOf(child: ChildProcess): Promise<ProgramEnd> {
  return new Promise((resolve) => {
    child.once('error', () => resolve({ code: 127, signal: null }))
    child.once('exit', (code, signal) => resolve({ code, signal }))
  })
}

/** Whether a process with this id is there (it may have been started by somebody else since). */
export function isAlive(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Sends SIGUSR1, which makes change tracking look at everything now. False where there is no such process. */
export function askToScan(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGUSR1')
  } catch {
    return false
  }
}

/** Calls at each SIGHUP, which then does not end the process, until it is disposed. */
export function onHangUp(act: () => void): Disposable {
  process.on('SIGHUP', act)
  return { [Symbol.dispose]: () => process.off('SIGHUP', act) }
}

/** Our own process id, user id and node binary, for messages. */
export const self = { pid: process.pid, uid: process.getuid?.() ?? -1 } as const
