import type { PackageVerdict, VerifiedFile } from '@tidemark/changetracking/verify'

import { countText, nounText } from '../rules/amounts.ts'
import { type Colour, coloured, safeText, type Terminal } from '../terminal/terminal.ts'

/** Packages that are named where they brought no checksums. */
const NAMED_MAX = 10

const COLOURS: Readonly<Partial<Record<PackageVerdict, Colour>>> = {
  'differs from package': 'red',
  'conffile edited': 'yellow',
  unowned: 'cyan',
}
const WIDTH = 'differs from package'.length

/** The line of a file; none for what matches, and for what packages keep no checksum of. */
export function verdictLine(terminal: Terminal, file: VerifiedFile): string | undefined {
  const { verdict, path, note, package: name, version } = file
  if (verdict === 'matches package' || (verdict === 'unowned' && file.kind === 'folder')) return undefined
  if (verdict === 'cannot say' && !isUnreadable(file)) return undefined
  const owner = name === undefined ? '' : `  ${name} ${version ?? ''}`
  const why = note === undefined ? '' : `  ${note}`
  return coloured(terminal, COLOURS[verdict] ?? 'dim', verdict.padEnd(WIDTH)) + safeText(`  ${path}${owner}${why}`)
}

/** Counts verdicts, and what could not be seen. */
export class VerifyTally {
  readonly summary: Record<PackageVerdict, number> = {
    'matches package': 0,
    'differs from package': 0,
    'conffile edited': 0,
    unowned: 0,
    'cannot say': 0,
  }
  readonly #named: ReadonlySet<string>
  readonly #bare = new Set<string>()
  #isUnownedNamed = false
  #plain = 0
  unreadable = 0

  /** `named`: the paths that were asked for in so many words. */
  constructor(named: ReadonlySet<string>) {
    this.#named = named
  }

  /** Whether the answer is no: a file differs, or one that was named belongs to nobody. */
  get isDifferent(): boolean {
    return this.summary['differs from package'] + this.summary['conffile edited'] > 0 || this.#isUnownedNamed
  }

  add(file: VerifiedFile): void {
    this.summary[file.verdict] += 1
    if (file.verdict === 'unowned' && file.kind !== 'folder' && this.#named.has(file.path)) this.#isUnownedNamed = true
    if (file.verdict !== 'cannot say') return
    if (isUnreadable(file)) this.unreadable += 1
    else if (file.kind !== 'file') this.#plain += 1
    else if (file.package !== undefined) this.#bare.add(file.package)
  }

  /** Sentences on what was not compared. */
  blindLines(): string[] {
    const names = [...this.#bare]
    const shown = `${names.slice(0, NAMED_MAX).join(', ')}${names.length > NAMED_MAX ? ', …' : ''}`
    return [
      ...(this.#plain > 0
        ? [`Folders, links and devices have no checksum: ${countText(this.#plain)} were not compared.`]
        : []),
      ...(names.length > 0 ? [`Files of ${nounText(names.length, 'package')} have no checksum: ${shown}.`] : []),
      ...(this.unreadable > 0 ? [`${nounText(this.unreadable, 'file')} could not be read; root may.`] : []),
    ]
  }
}

/** Whether it is the file that could not be seen, not its package that knows nothing of it. */
function isUnreadable({ verdict, note = '' }: VerifiedFile): boolean {
  return verdict === 'cannot say' && /could not be read|cannot be looked at/.test(note)
}
