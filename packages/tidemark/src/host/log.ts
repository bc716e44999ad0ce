import { type Logger, destination, pino, stdTimeFunctions } from 'pino'

/** A log of JSON lines. `file` is made with its folders; `-` is standard output. Lines are written before the call returns. */
export function openLog(file: string, level: string): Logger {
  const settings = { level, timestamp: stdTimeFunctions.isoTime, base: { pid: process.pid } }
  return pino(settings, destination({ dest: file === '-' ? 1 : file, mkdir: true, sync: true, mode: 0o640 }))
}
