import type { MachineIdentity } from '@tidemark/model'

import type { Tracking } from '../config/tracking.ts'
import { chunksOf } from '../rows/chunks.ts'
import { RowMaker } from '../rows/row-maker.ts'
import type { State } from './state.ts'

interface Circumstances {
  readonly state: State
  readonly tracking: Tracking
  readonly machine: MachineIdentity
  readonly atMs: number
}

/** Tells once that an earlier state was lost. */
export function tellStart(circumstances: Circumstances): void {
  const { loss } = circumstances.state
  if (loss === undefined || circumstances.state.remembered('told-loss') === loss) return
  if (tell(circumstances, { reason: 'state-lost', subject: 'state', detail: loss }))
    circumstances.state.remember('told-loss', loss)
}

/** Tells what is wrong in the rules, each set of problems once. */
export function tellRuleProblems(circumstances: Circumstances): void {
  const { state, tracking } = circumstances
  const text = tracking.problems.map(({ where, message }) => `${where}: ${message}`).join('; ')
  if (text === (state.remembered('told-rule-problems') ?? '')) return
  if (text !== '' && !tell(circumstances, { reason: 'rule-rejected', subject: 'rules', detail: text })) return
  state.remember('told-rule-problems', text)
}

/** Puts one visibility row into the outbox; false where no rule has a stream for it. */
function tell(
  { state, tracking, machine, atMs }: Circumstances,
  gap: { readonly reason: 'state-lost' | 'rule-rejected'; readonly subject: string; readonly detail: string },
): boolean {
  const stream = tracking.rules.find(({ changeStream }) => changeStream !== undefined)?.changeStream
  if (stream === undefined) return false
  const origin = { machine, epoch: state.epoch, atMs, type: 'Files' as const, frequencySeconds: 0 }
  const maker = new RowMaker(origin, state.sequence)
  const row = maker.visibility(gap)
  const outbox = chunksOf(new Map([[stream, [row]]]))
  state.apply({ type: 'Files', items: [], memory: state.memory('Files'), outbox, sequence: maker.sequence })
  return true
}
