import { systemClock } from '@tidemark/base'

import { lastLines } from '../host/files.ts'
import { type MachineStatus, readMachineStatus } from '../status/machine-status.ts'
import { CommandError } from '../terminal/exit.ts'
import { READY_MS_MAX } from './settings.ts'
import type { Supervised } from './supervise.ts'

const LOOK_MS = 100

/** Waits until the server answers; throws with the end of its log where it cannot run or takes too long. */
export async function untilServerAnswers(options: {
  readonly url: string
  readonly server: Supervised
  readonly log: string
  readonly signal: AbortSignal
}): Promise<void> {
  const { url, server, log, signal } = options
  const deadlineMs = systemClock.monotonicMs() + READY_MS_MAX
  while (!(await answers(url))) {
    if (server.state === 'given up' || systemClock.monotonicMs() > deadlineMs) throw serverFailed(log)
    await systemClock.sleep(LOOK_MS, signal)
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const { fetch } = await import('undici')
    const answer = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(2_000) })
    await answer.text()
    return answer.status === 200
  } catch {
    return false
  }
}

function serverFailed(log: string): CommandError {
  const lines = lastLines(log, { bytesMax: 8_192, linesMax: 5 }).map((line) => `  ${line}`)
  return new CommandError('daemon-failed', `the server does not come up. The end of ${log}:\n${lines.join('\n')}`)
}

/** Waits until everything was looked at once, or a program gave up, or it takes longer than a start may. */
export async function untilBaseline(options: {
  readonly root: string
  readonly programs: readonly Supervised[]
  readonly signal: AbortSignal
}): Promise<MachineStatus> {
  const deadlineMs = systemClock.monotonicMs() + READY_MS_MAX
  for (;;) {
    const status = readMachineStatus(options.root)
    const isFresh = options.programs.some(({ pid }) => pid > 0 && pid === status.tracking?.pid)
    if (isFresh && status.tracking && !isFirstLook(status.tracking.status)) return status
    const isHopeless = options.programs.some(({ state }) => state === 'given up')
    if (isHopeless || systemClock.monotonicMs() > deadlineMs) return status
    await systemClock.sleep(LOOK_MS, options.signal)
  }
}

function isFirstLook(status: string): boolean {
  return status === 'Baseline'
}
