import type { Known } from '../../collector.ts'
import { type Found, isKnown, orRefused, type SoftwareMachine, type Source, unseenSource } from '../source.ts'
import { parseRpm, rpmWords } from './command.ts'
import { readRpmDatabase, RPM_FOLDERS } from './database.ts'
import type { RpmHeader } from './header.ts'
import { rpmItems } from './items.ts'

/** Packages of rpm: its SQLite database, or the rpm command where there is another kind or it is not understood. */
export const rpm: Source = {
  name: 'rpm',
  watched: {
    folders: RPM_FOLDERS.map((path) => ({ path, names: /^(?:rpmdb\.sqlite(?:-wal)?|Packages(?:\.db)?)$/ })),
    locks: RPM_FOLDERS.map((path) => `${path}/.rpm.lock`),
  },
  collect: async (machine, known, signal) => {
    const database = orRefused(() => readRpmDatabase(machine.tree))
    if (database.kind === 'read') return found(database.headers, { known, notes: [] })
    if (database.kind === 'missing' && machine.run === undefined) return missing(known)
    const asked = await ask(machine, signal)
    if (database.kind === 'missing') {
      if (asked.kind === 'headers' && asked.headers.length > 0) return found(asked.headers, { known, notes: [] })
      return asked.kind === 'failed' ? unseenSource('rpm', asked.problem) : missing(known)
    }
    if (asked.kind === 'headers')
      return found(asked.headers, { known, notes: [`rpm was asked instead: ${database.problem}`] })
    return unseenSource('rpm', asked.kind === 'failed' ? `${database.problem} (${asked.problem})` : database.problem)
  },
}

function found(
  headers: readonly RpmHeader[],
  { known, notes }: { readonly known: Known; readonly notes: readonly string[] },
): Found {
  return { items: rpmItems(headers, known), gaps: [], notes }
}

function missing(known: Known): Found | undefined {
  return isKnown('rpm', known) ? unseenSource('rpm', 'the database is gone') : undefined
}

type Asked =
  | { readonly kind: 'missing' }
  | { readonly kind: 'failed'; readonly problem: string }
  | { readonly kind: 'headers'; readonly headers: readonly RpmHeader[] }

async function ask({ run }: SoftwareMachine, signal: AbortSignal): Promise<Asked> {
  const answer = run === undefined ? ({ kind: 'missing' } as const) : await run('rpm', rpmWords, signal)
  if (answer.kind === 'missing') return answer
  // Debian's rpm keeps a database for each account, in ~/.rpmdb: it says nothing about what is installed here.
  if (answer.code !== 0 && /\/\.rpmdb\b/.test(answer.complaint)) return { kind: 'missing' }
  if (answer.code !== 0) return { kind: 'failed', problem: answer.complaint }
  // rpm leaves out a header that it cannot read, says so, and ends with 0: that package is not removed.
  if (/^error:/m.test(answer.complaint)) return { kind: 'failed', problem: answer.complaint }
  const { headers, problems } = parseRpm(answer.output)
  const [problem] = problems
  return problem === undefined ? { kind: 'headers', headers } : { kind: 'failed', problem }
}
