import { type Clock, isAbort, systemClock } from '@tidemark/base'
import type { Logger } from 'pino'

import type { CommandContext } from '../context.ts'
import { type LogLimits, openLog } from '../host/log.ts'
import { onHangUp } from '../host/processes.ts'
import { spareMemory } from '../host/spare-memory.ts'
import { CommandError } from '../terminal/exit.ts'
import { supervisorOf } from './supervisor.ts'

/** What a program that keeps running is given. */
export interface DaemonLife {
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
}

export interface DaemonOptions {
  /** File for the log; `-` is standard output. */
  readonly logFile: string
  readonly logLevel: string
  readonly logLimits?: LogLimits
  /** The level to go on with, asked at each SIGHUP. Rejects where the settings are wrong: then the level stays. */
  readonly nextLogLevel?: () => Promise<string>
}

/** A program that runs until it is told to stop; `announce` is its line for people when it is ready. */
export interface Daemon extends AsyncDisposable {
  readonly announce: string
  /** One line for who watches over it (`systemctl status`): how it does just now. */
  summary?(): string
}

/**
 * Opens it, waits for the signal to stop, closes it. What keeps it from running (errors with a `code`) becomes a
 * `CommandError` with exit code 3, which tells a supervisor that starting again does not help.
 */
export async function runDaemon(
  context: CommandContext,
  options: DaemonOptions,
  open: (life: DaemonLife) => Promise<Daemon>,
): Promise<void> {
  const log = openLog(options.logFile, options.logLevel, options.logLimits)
  using _hangUp = onHangUp(() => void changeLevel(log, options))
  const { environment, signal } = context
  const supervisor = supervisorOf({ environment, signal, log, clock: systemClock })
  try {
    await using daemon = await open({ clock: systemClock, log, signal })
    context.terminal.writeError(`${daemon.announce}\n`)
    void spareMemory(systemClock, signal)
    supervisor.ready(() => daemon.summary?.() ?? daemon.announce)
    await untilAborted(signal)
    supervisor.stopping()
  } catch (error) {
    if (isAbort(error, context.signal)) return
    // The words were wrong: that is told as every command tells it.
    if (error instanceof CommandError) throw error
    if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') throw error
    log.fatal({ code: error.code }, error.message)
    throw new CommandError('daemon-failed', error.message, { cause: error })
  }
}

async function changeLevel(log: Logger, { nextLogLevel }: DaemonOptions): Promise<void> {
  try {
    log.level = (await nextLogLevel?.()) ?? log.level
    log.info({ level: log.level }, 'told to read the settings again: the level of the log')
  } catch (error) {
    log.error(
      { reason: error instanceof Error ? error.message : String(error) },
      'the settings are wrong; the level stays',
    )
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
