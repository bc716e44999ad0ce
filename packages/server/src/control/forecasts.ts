import { type Clock, newUuid } from '@tidemark/base'
import type { ForecastMachine, ForecastView, MachineForecast, MachineQuestion, QuestionAnswer } from '@tidemark/model'

/** Forecasts that are kept at a time: their answers are in memory. */
export const FORECASTS_MAX = 8
/** How long a forecast is kept after its deadline, in milliseconds: somebody may still read it. */
export const FORECAST_KEPT_MS = 3_600_000

/** A machine that is asked. */
export interface AskedMachine {
  readonly resourceId: string
  readonly computer: string
  /** Why no answer is to be expected; empty where one is. */
  readonly awayDetail: string
}

/** What is asked of whom. */
export interface ForecastWish {
  readonly extensionSettings: Readonly<Record<string, unknown>>
  readonly machines: readonly AskedMachine[]
  readonly seconds: number
}

interface Asked {
  readonly id: string
  readonly extensionSettings: Readonly<Record<string, unknown>>
  readonly askedMs: number
  readonly deadlineMs: number
  /** By ARM id in lower case. */
  readonly machines: ReadonlyMap<string, { readonly machine: AskedMachine; answer: QuestionAnswer | undefined }>
}

/**
 * What rules would track, asked of machines: each machine fetches its questions with what it asks anyhow, and answers.
 * Kept in memory alone: after a restart of the server, whoever waits asks anew.
 */
export class Forecasts {
  readonly #clock: Clock
  readonly #asked = new Map<string, Asked>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** `undefined` where `FORECASTS_MAX` others are still waited for. */
  ask({ extensionSettings, machines, seconds }: ForecastWish): ForecastView | undefined {
    this.#forgetOld()
    const over = [...this.#asked.values()].find((one) => this.#isDone(one))
    if (this.#asked.size >= FORECASTS_MAX && over !== undefined) this.#asked.delete(over.id)
    if (this.#asked.size >= FORECASTS_MAX) return undefined
    const askedMs = this.#clock.nowMs()
    const asked: Asked = {
      id: newUuid(),
      extensionSettings,
      askedMs,
      deadlineMs: askedMs + seconds * 1_000,
      machines: new Map(machines.map((machine) => [machine.resourceId.toLowerCase(), { machine, answer: undefined }])),
    }
    this.#asked.set(asked.id, asked)
    return this.#view(asked)
  }

  view(id: string): ForecastView | undefined {
    this.#forgetOld()
    const asked = this.#asked.get(id)
    return asked && this.#view(asked)
  }

  /** Nobody waits for it any more. False where there is none. */
  cancel(id: string): boolean {
    return this.#asked.delete(id)
  }

  /** Whether there are questions for a machine. */
  isAsked(resourceId: string): boolean {
    return this.#asked.size > 0 && this.questionsFor(resourceId).length > 0
  }

  /** What a machine has not answered yet, oldest first. */
  questionsFor(resourceId: string): MachineQuestion[] {
    const nowMs = this.#clock.nowMs()
    return [...this.#asked.values()].flatMap((asked) => {
      const one = asked.machines.get(resourceId.toLowerCase())
      if (one === undefined || one.answer !== undefined || asked.deadlineMs <= nowMs) return []
      const secondsLeft = Math.ceil((asked.deadlineMs - nowMs) / 1_000)
      return [{ id: asked.id, kind: 'forecast', secondsLeft, extensionSettings: asked.extensionSettings }]
    })
  }

  /** False where nobody waits for it. The first answer of a machine counts; one that comes late is taken, too. */
  answer(id: string, resourceId: string, answer: QuestionAnswer): boolean {
    const one = this.#asked.get(id)?.machines.get(resourceId.toLowerCase())
    if (one === undefined) return false
    one.answer ??= answer
    return true
  }

  #view(asked: Asked): ForecastView {
    return {
      id: asked.id,
      askedAt: new Date(asked.askedMs).toISOString(),
      deadlineAt: new Date(asked.deadlineMs).toISOString(),
      isDone: this.#isDone(asked),
      machines: [...asked.machines.values()].map((one) => this.#machineView(asked, one)),
    }
  }

  #machineView(
    asked: Asked,
    { machine, answer }: { readonly machine: AskedMachine; readonly answer: QuestionAnswer | undefined },
  ): ForecastMachine {
    const { resourceId, computer, awayDetail } = machine
    const told = (state: ForecastMachine['state'], detail: string, forecast?: MachineForecast): ForecastMachine => ({
      resourceId,
      computer,
      state,
      detail,
      ...(forecast === undefined ? {} : { forecast }),
    })
    if (answer?.kind === 'forecast') return told('answered', '', answer.forecast)
    if (answer?.kind === 'failed') return told('failed', answer.reason)
    if (awayDetail !== '') return told('away', awayDetail)
    if (asked.deadlineMs > this.#clock.nowMs()) return told('waiting', '')
    return told('late', 'no answer came in time: an older agent answers no questions, a busy machine takes longer')
  }

  #isDone({ machines, deadlineMs }: Asked): boolean {
    return deadlineMs <= this.#clock.nowMs() || [...machines.values()].every(({ answer }) => answer !== undefined)
  }

  #forgetOld(): void {
    const nowMs = this.#clock.nowMs()
    for (const [id, { deadlineMs }] of this.#asked) if (deadlineMs + FORECAST_KEPT_MS <= nowMs) this.#asked.delete(id)
  }
}
