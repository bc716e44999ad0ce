import { closeSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

import { destination, type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino'

/** How much of a log is kept. */
export interface LogLimits {
  readonly fileBytesMax: number
  /** The file itself and those before it, `.1` the newest. */
  readonly filesMax: number
}

/** 50 MiB of each program's log, where nothing else is said. */
export const logLimits: LogLimits = { fileBytesMax: 10 * 1024 * 1024, filesMax: 5 }

/**
 * A log of JSON lines. `file` is made with its folders, and turned over when it is full; `-` is standard output. Lines are
 * written before the call returns. A disk that is full costs lines, not the program.
 */
export function openLog(file: string, level: string, limits: LogLimits = logLimits): Logger {
  const settings = { level, timestamp: stdTimeFunctions.isoTime, base: { pid: process.pid } }
  return pino(settings, file === '-' ? destination({ dest: 1, sync: true }) : new RotatingFile(file, limits))
}

/** Appends to a file; at its limit it becomes `<file>.1`, and those before it move on by one. */
export class RotatingFile implements DestinationStream {
  readonly #path: string
  readonly #limits: LogLimits
  #descriptor: number
  #bytes: number

  constructor(path: string, limits: LogLimits) {
    this.#path = path
    this.#limits = limits
    mkdirSync(dirname(path), { recursive: true })
    this.#descriptor = openSync(path, 'a', 0o640)
    this.#bytes = fstatSync(this.#descriptor).size
  }

  write(line: string): void {
    const bytes = Buffer.from(line)
    try {
      if (this.#bytes > 0 && this.#bytes + bytes.length > this.#limits.fileBytesMax) this.#turn()
      writeSync(this.#descriptor, bytes)
      this.#bytes += bytes.length
    } catch {
      // There is nowhere to say that the log cannot be written.
    }
  }

  #turn(): void {
    const { filesMax } = this.#limits
    rmSync(`${this.#path}.${filesMax - 1}`, { force: true })
    for (let number = filesMax - 2; number >= 1; number -= 1)
      rename(`${this.#path}.${number}`, `${this.#path}.${number + 1}`)
    if (filesMax > 1) rename(this.#path, `${this.#path}.1`)
    else rmSync(this.#path, { force: true })
    const next = openSync(this.#path, 'a', 0o640)
    closeSync(this.#descriptor)
    this.#descriptor = next
    this.#bytes = 0
  }
}

function rename(from: string, to: string): void {
  try {
    renameSync(from, to)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
}
