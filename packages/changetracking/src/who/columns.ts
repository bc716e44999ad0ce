import type { ChangeColumns } from '../collector.ts'
import type { Actor } from './actor.ts'

/**
 * The columns of a change row that say who did it: the newest actor in `InitiatingProcess…`, further ones in
 * `InitiatingProcessOthers` (JSON). What is not known has no column. `observedAtMs` is when the event came
 * (milliseconds since 1970), for `TimeObserved`. Without actors there is nothing but that time.
 */
export function toColumns(actors: readonly Actor[], observedAtMs: number): ChangeColumns {
  const [actor, ...others] = actors
  const TimeObserved = new Date(observedAtMs).toISOString()
  if (actor === undefined) return { TimeObserved }
  return {
    ...filled({
      InitiatingProcessId: actor.pid === 0 ? undefined : actor.pid,
      InitiatingProcessFolderPath: actor.executable,
      InitiatingProcessCommandLine: actor.commandLine,
      InitiatingProcessAccountName: actor.account,
      InitiatingProcessLoginName: actor.loginAccount,
      InitiatingProcessSessionId: actor.sessionId,
      InitiatingProcessTree: actor.tree.length === 0 ? undefined : JSON.stringify(actor.tree.map(shortened)),
      InitiatingProcessContainerId: actor.containerId,
      InitiatingProcessUnit: actor.unit,
      InitiatingProcessCertainty: actor.certainty,
      InitiatingProcessNote: actor.note === '' ? undefined : actor.note,
      InitiatingProcessOthers: others.length === 0 ? undefined : JSON.stringify(others.map(asOther)),
    }),
    TimeObserved,
  }
}

/** JSON of `tree`: pid, exe, commandLine, account. */
function shortened({ pid, executable, commandLine, account }: Actor['tree'][number]): Record<string, unknown> {
  return { pid, exe: executable, commandLine, account }
}

function asOther(actor: Actor): Record<string, unknown> {
  const { pid, commandLine, account, sessionId, containerId, unit, certainty } = actor
  const note = actor.note === '' ? undefined : actor.note
  const login = actor.loginAccount
  return { pid, exe: actor.executable, commandLine, account, login, sessionId, containerId, unit, certainty, note }
}

function filled(columns: Readonly<Record<string, string | number | undefined>>): ChangeColumns {
  return Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined))
}
