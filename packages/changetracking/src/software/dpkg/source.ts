import { coverageOf } from '../item.ts'
import { type Found, isKnown, orRefused, type SoftwareMachine, type Source, unseenSource } from '../source.ts'
import { dpkgWords, parseDpkg, type Printed } from './command.ts'
import { DPKG_FOLDER, readDpkgDatabase } from './database.ts'
import { dpkgItems } from './items.ts'

// dpkg holds the first while it runs, and apt holds both from before the first dpkg to after the last.
const LOCKS = [`${DPKG_FOLDER}/lock`, `${DPKG_FOLDER}/lock-frontend`] as const

/** Packages of dpkg: its database, or dpkg-query where that is not understood. */
export const dpkg: Source = {
  name: 'dpkg',
  watched: {
    folders: [
      { path: DPKG_FOLDER, names: /^status$/ },
      { path: `${DPKG_FOLDER}/updates`, names: /^\d+$/ },
    ],
    locks: LOCKS,
  },
  collect: async (machine, known, signal) => {
    const isAtWork = LOCKS.some((lock) => machine.isLocked(lock))
    const database = orRefused(() => readDpkgDatabase(machine.tree))
    if (database.kind === 'read') return { ...dpkgItems(database.stanzas, { isAtWork }), gaps: [] }
    if (database.kind === 'missing' && machine.run === undefined) return missing(isKnown('dpkg', known))
    const asked = await ask(machine, signal)
    const problem = database.kind === 'missing' ? undefined : database.problem
    if (asked.kind === 'printed')
      return {
        ...dpkgItems(asked.printed.stanzas, { isAtWork }),
        gaps: [],
        notes: problem === undefined ? [] : [`dpkg-query was asked instead: ${problem}`],
      }
    // It is looked at again when dpkg is done: nothing is wrong with it.
    if (database.kind === 'busy' && isAtWork) return { items: new Map(), gaps: [], unseen: new Set(coverageOf('dpkg')) }
    if (asked.kind === 'failed')
      return unseenSource('dpkg', problem === undefined ? asked.problem : `${problem} (${asked.problem})`)
    return problem === undefined ? missing(isKnown('dpkg', known)) : unseenSource('dpkg', problem)
  },
}

/** No database is none, unless there was one: nobody takes dpkg away from under a running machine. */
function missing(wasKnown: boolean): Found | undefined {
  return wasKnown ? unseenSource('dpkg', `${DPKG_FOLDER}/status is gone`) : undefined
}

type Asked =
  | { readonly kind: 'missing' }
  | { readonly kind: 'failed'; readonly problem: string }
  | { readonly kind: 'printed'; readonly printed: Printed }

async function ask({ run }: SoftwareMachine, signal: AbortSignal): Promise<Asked> {
  const answer = run === undefined ? ({ kind: 'missing' } as const) : await run('dpkg-query', dpkgWords, signal)
  if (answer.kind === 'missing') return answer
  // Exit code 1 with no output: a database without a package, as where only the dpkg tools are installed.
  if (answer.code === 1 && answer.output === '' && /no packages found/.test(answer.complaint))
    return { kind: 'missing' }
  if (answer.code !== 0) return { kind: 'failed', problem: answer.complaint }
  const printed = parseDpkg(answer.output)
  const [problem] = printed.problems
  return problem === undefined ? { kind: 'printed', printed } : { kind: 'failed', problem }
}
