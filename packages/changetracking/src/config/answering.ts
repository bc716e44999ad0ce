import { type Clock, isAbort, newUuid } from '@tidemark/base'
import { connectForward, forwardTime, socketAddress } from '@tidemark/forward'
import {
  ANSWER_BYTES_MAX,
  answersTag,
  configResponse,
  extensionName,
  type ExtensionSettings,
  machineForecast,
  type MachineQuestion,
  machineQuestions,
  parseExtensionSettings,
  type QuestionAnswer,
  questionsRequest,
  socketNames,
} from '@tidemark/model'
import type { Logger } from 'pino'

import type { ForecastLife } from '../forecast/forecast-of.ts'
import type { Forecast } from '../forecast/forecast.ts'

export interface AnsweringOptions {
  readonly socketsDirectory?: string | undefined
  /** How soon an agent that knows no questions is asked again. */
  readonly refreshMs: number
  /** How soon an agent that does not answer is asked again. */
  readonly retryMs: number
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
  readonly forecast: (settings: ExtensionSettings, life: ForecastLife) => Promise<Forecast>
}

/** How long the agent may keep us waiting for a question, in milliseconds; it does for half of that. */
const HELD_MS_MAX = 60_000

/** Asks the agent for questions and answers them, one at a time, until the signal. An agent that knows none is no trouble. */
export async function answerQuestions(options: AnsweringOptions): Promise<void> {
  const { clock, signal, log, refreshMs, retryMs } = options
  while (!signal.aborted) {
    const pauseMs = await askOnce(options).catch((error: unknown) => {
      if (!isAbort(error, signal)) log.debug({ error }, 'the agent cannot be asked for questions')
      return retryMs
    })
    if (pauseMs > 0) await clock.sleep(Math.min(pauseMs, refreshMs), signal).catch(() => undefined)
  }
}

/** Returns how long to wait before the agent is asked again, in milliseconds. */
async function askOnce(options: AnsweringOptions): Promise<number> {
  const { clock, signal, refreshMs } = options
  const address = socketAddress(socketNames.config, options.socketsDirectory)
  await using client = await connectForward(address, { clock, signal, answerMsMax: HELD_MS_MAX })
  const request = { Request: questionsRequest, RequestId: newUuid(), Tag: extensionName, Version: '1' }
  const askedMs = clock.monotonicMs()
  const response = configResponse.safeParse(JSON.parse(await client.request(JSON.stringify(request))))
  // Another agent takes it for a question after the configuration, and finds fault with it.
  if (!response.success || !response.data.Success) return refreshMs
  const read = machineQuestions.safeParse(JSON.parse(response.data.TaggedData))
  if (!read.success) return refreshMs
  for (const question of read.data.questions) {
    const answer = JSON.stringify(await answerTo(question, options))
    const record = { Id: question.id, Answer: answer.length > ANSWER_BYTES_MAX ? TOO_LARGE : answer }
    await client.send(answersTag, [{ time: forwardTime(clock.nowMs()), record }], { chunk: newUuid() })
  }
  // An agent that answers at once with nothing must not keep both of us busy.
  const isHasty = read.data.questions.length === 0 && clock.monotonicMs() - askedMs < options.retryMs
  return isHasty ? options.retryMs : 0
}

const failed = (reason: string): QuestionAnswer => ({ kind: 'failed', reason })
const TOO_LARGE = JSON.stringify(failed('the answer is too large: fewer entries have one'))

/** Total but for the abort of `signal`: what goes wrong is an answer, too. */
async function answerTo(question: MachineQuestion, options: AnsweringOptions): Promise<QuestionAnswer> {
  const { clock, signal } = options
  if (question.kind !== 'forecast')
    return failed(`this version of change tracking knows no question "${question.kind.slice(0, 100)}"`)
  const { settings, problems } = parseExtensionSettings(question.extensionSettings)
  if (problems.length > 0) return failed(`${problems[0]?.where}: ${problems[0]?.message}`)
  const late = new AbortController()
  const done = new AbortController()
  let paths = 0
  const waited = clock.sleep(question.secondsLeft * 1_000, AbortSignal.any([signal, done.signal]))
  void waited.then(() => late.abort(new Error('too late'))).catch(() => undefined)
  try {
    const forecast = await options.forecast(settings, {
      signal: AbortSignal.any([signal, late.signal]),
      isInBackground: true,
      onProgress: (progress) => {
        paths = progress.paths
      },
    })
    return { kind: 'forecast', forecast: machineForecast.parse(forecast) }
  } catch (error) {
    signal.throwIfAborted()
    if (late.signal.aborted) return failed(`it had looked at ${paths} paths when nobody waited any more`)
    return failed(
      `nothing can be forecast here: ${(error instanceof Error ? error.message : String(error)).slice(0, 1_000)}`,
    )
  } finally {
    done.abort()
  }
}
