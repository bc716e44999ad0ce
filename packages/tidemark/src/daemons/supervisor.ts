import { type Clock } from '@tidemark/base'
import { sendDatagram } from '@tidemark/linux'
import type { Logger } from 'pino'

/** What a program tells systemd of itself (sd_notify(3)). Telling never fails: who does not listen is not told. */
export interface Supervisor {
  /** It runs, and what it says of itself in one line. From now on it tells that it is alive, until the signal. */
  ready(summary: () => string): void
  /** It has begun to stop. */
  stopping(): void
}

export interface SupervisorOptions {
  /** NOTIFY_SOCKET and WATCHDOG_USEC count. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
  /** For tests. */
  readonly send?: (address: string, text: string) => void
}

/** How often the line is told where there is no watchdog, in milliseconds. */
const STATUS_MS = 60_000
/** Characters of the line at most. */
const SUMMARY_CHARS_MAX = 500

/**
 * The service manager that started this process; one that hears nothing where it was started by hand. A watchdog
 * (WATCHDOG_USEC) is told three times in its time, by the thread that does the work: where that hangs, nothing is told.
 */
export function supervisorOf(options: SupervisorOptions): Supervisor {
  const { environment, log, send = sendDatagram } = options
  const address = environment['NOTIFY_SOCKET']
  if (!address) return { ready: () => undefined, stopping: () => undefined }
  const tell = (...lines: readonly string[]): void => {
    try {
      send(address, lines.join('\n'))
    } catch (error) {
      log.warn({ error }, 'the service manager cannot be told how it goes')
    }
  }
  return {
    ready: (summary) => {
      tell('READY=1', statusLine(summary()))
      void keepTelling(summary, tell, options)
    },
    stopping: () => tell('STOPPING=1', statusLine('stopping')),
  }
}

async function keepTelling(
  summary: () => string,
  tell: (...lines: readonly string[]) => void,
  { environment, clock, signal }: SupervisorOptions,
): Promise<void> {
  const watchdogMs = Number(environment['WATCHDOG_USEC'] ?? 0) / 1_000
  const everyMs = watchdogMs > 0 ? watchdogMs / 3 : STATUS_MS
  let last = ''
  for (;;) {
    await clock.sleep(everyMs, signal).catch(() => undefined)
    if (signal.aborted) return
    const line = statusLine(summary())
    const news = line === last ? [] : [line]
    last = line
    if (watchdogMs > 0) tell('WATCHDOG=1', ...news)
    else if (news.length > 0) tell(...news)
  }
}

function statusLine(summary: string): string {
  return `STATUS=${summary.replaceAll(/\s+/g, ' ').slice(0, SUMMARY_CHARS_MAX)}`
}
