import { z } from 'zod'

import { EXCLUDES_MAX, FILE_ENTRIES_MAX } from './settings.ts'

const count = z.number().int().min(0)
const amount = z.number().min(0)
const filesAndBytes = z.object({ files: count, bytes: count })
const word = z.string().max(20_000)

const tally = z.object({
  files: count,
  folders: count,
  links: count,
  /** Fifos, sockets and devices. */
  others: count,
  bytes: count,
  read: filesAndBytes,
  kept: filesAndBytes,
  largest: z.array(z.object({ path: word, bytes: count })).max(10),
})
const estimate = z.object({ busySeconds: amount, seconds: amount })

/** What a rule would track on one machine, and what that costs there, as its change tracking says it. */
export const machineForecast = z.object({
  /** In the rule's order; a path that several entries ask for is counted by each. */
  entries: z.array(z.object({ name: word, destinationPath: word, enabled: z.boolean(), tally })).max(FILE_ENTRIES_MAX),
  /** All entries together, each path once. */
  all: tally,
  excluded: z.array(z.object({ pattern: word, entry: word.optional(), paths: count })).max(EXCLUDES_MAX * 10),
  blind: z.object({
    paths: count,
    first: z.array(z.object({ path: word, what: z.enum(['path', 'contents']), why: word })).max(100),
  }),
  /** Of one thread: `busySeconds` of work, `seconds` by the clock within the rule's budget. */
  baseline: estimate,
  rescan: estimate,
  warnings: z.array(z.object({ code: z.string().max(100), entry: word.optional(), message: word })).max(10_000),
})
export type MachineForecast = z.infer<typeof machineForecast>

/** What a machine answers to a question, `POST …/agentQuestions/{id}`. */
export const questionAnswer = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('forecast'), forecast: machineForecast }),
  /** Nothing can be forecast there: `reason` tells people why. */
  z.object({ kind: z.literal('failed'), reason: z.string().min(1).max(2_000) }),
])
export type QuestionAnswer = z.infer<typeof questionAnswer>

/** Bytes of an answer at most. */
export const ANSWER_BYTES_MAX = 512 * 1024

/** One thing that the server wants to know of a machine. */
export const machineQuestion = z.looseObject({
  id: z.uuid(),
  kind: z.string(),
  /** After which the answer is not waited for. */
  secondsLeft: z.number().min(0).max(3_600),
  /** For a forecast. */
  extensionSettings: z.unknown(),
})
export type MachineQuestion = z.infer<typeof machineQuestion>

/** `GET …/agentQuestions`, and the `TaggedData` that change tracking gets for `questionsRequest`. */
export const machineQuestions = z.looseObject({ questions: z.array(machineQuestion).max(100) })

/** The header of an answer to a machine that says that there are questions for it. */
export const QUESTIONS_HEADER = 'x-tidemark-questions'
/** What change tracking asks on the config socket to hear questions; the agent answers when there are some, or after a while. */
export const questionsRequest = 'TidemarkQuestions'
/** The tag under which change tracking hands answers to the agent: records of `Id` and `Answer`, a JSON text. */
export const answersTag = 'TidemarkAnswers'

/** `POST /api/forecasts`: what `extensionSettings` would track on machines. */
export const forecastRequest = z.strictObject({
  extensionSettings: z.looseObject({}),
  /** ARM ids of the machines that are asked. */
  machines: z.array(z.string().min(1).max(2_000)).min(1).max(50),
  /** How long answers are waited for. */
  seconds: z.number().int().min(5).max(1_800).default(180),
})

/** How one machine stands to a forecast. */
export interface ForecastMachine {
  readonly resourceId: string
  readonly computer: string
  /**
   * `waiting` for its answer; `answered`; `failed` (it cannot tell, `detail` says why); `away` (it did not report of
   * late, and was asked all the same); `late` (no answer came in time).
   */
  readonly state: 'waiting' | 'answered' | 'failed' | 'away' | 'late'
  /** One sentence for people; empty where there is nothing to say. */
  readonly detail: string
  /** Where it answered. */
  readonly forecast?: MachineForecast
}

/** `GET /api/forecasts/{id}`. */
export interface ForecastView {
  readonly id: string
  readonly askedAt: string
  readonly deadlineAt: string
  /** Whether no answer is waited for any more. */
  readonly isDone: boolean
  readonly machines: readonly ForecastMachine[]
}
