import type { ChangeColumns } from '../../collector.ts'
import type { PathBytes } from '../../files/file-name.ts'
import type { OwnedFile, PackageDatabase } from '../owners/package-database.ts'
import type { DigestAlgorithm, PackageFiles } from '../owners/package-files.ts'
import { judge, type Judged } from './verdict.ts'

/** Bytes of a file that are read once more for a checksum that the scan did not make. */
export const JUDGED_BYTES_MAX = 256 * 1024 * 1024

const AT_WORK = 'was at work when the file was looked at'

/** Whether a change could not be judged because a package manager was in the middle of its package: another look will tell. */
export function isFromTheMiddle({ PackageVerdict, PackageVerdictNote }: ChangeColumns): boolean {
  return PackageVerdict === 'cannot say' && String(PackageVerdictNote ?? '').endsWith(AT_WORK)
}

/** A changed file, as a scan found it. */
interface ChangedFile {
  readonly path: PathBytes
  readonly columns: ChangeColumns
}

export interface PackageJudgeOptions {
  readonly databases: readonly PackageDatabase[]
  readonly files: PackageFiles
  /** Told the bytes of each read; may rest. */
  readonly breathe: (bytes: number) => void
}

/** Says whose changed files are, and whether they are as their packages brought them. Reads nothing while nothing changed. */
export class PackageJudge {
  readonly #options: PackageJudgeOptions

  constructor(options: PackageJudgeOptions) {
    this.#options = options
  }

  /** The same changes with `PackageName`, `PackageVersion`, `PackageVerdict` and `PackageVerdictNote`. */
  told<T extends ChangedFile>(changes: readonly T[]): readonly T[] {
    const { databases } = this.#options
    if (changes.length === 0 || databases.length === 0) return changes
    const owned = new Map<PathBytes, { readonly file: OwnedFile; readonly database: PackageDatabase }>()
    let trouble: string | undefined
    for (const database of databases)
      try {
        const paths = changes.map(({ path }) => path).filter((path) => !owned.has(path))
        for (const [path, file] of database.owners(paths)) owned.set(path, { file, database })
      } catch (error) {
        trouble = `the database of ${database.source} cannot be read: ${error instanceof Error ? error.message : String(error)}`
      }
    return changes.map((change) => {
      const { file, database } = owned.get(change.path) ?? {}
      const judged =
        file === undefined && trouble !== undefined
          ? { verdict: 'cannot say' as const, note: trouble }
          : this.#settled(judge(file, this.#seen(change)), { file, database })
      return { ...change, columns: { ...change.columns, ...columnsOf(file, judged) } }
    })
  }

  /** In the middle of a package its database is not that of the files: then only what matches is sure. */
  #settled(
    judged: Judged,
    of: { readonly file: OwnedFile | undefined; readonly database: PackageDatabase | undefined },
  ): Judged {
    if (judged.verdict === 'matches package' || judged.verdict === 'cannot say') return judged
    if (of.file?.isSettled === true) return judged
    const databases = of.database === undefined ? this.#options.databases : [of.database]
    const working = databases.find((each) => each.isAtWork())
    if (working === undefined) return judged
    return { verdict: 'cannot say', note: `${working.source} ${AT_WORK}` }
  }

  #seen({ path, columns }: ChangedFile): Parameters<typeof judge>[1] {
    const { files } = this.#options
    const found = columns.ChangeCategory === 'Removed' ? 'ENOENT' : files.look(path)
    if (typeof found === 'string') return { kind: 'gone', digest: () => ({ why: found }) }
    return { kind: found.kind, digest: (algorithm) => this.#digest({ path, columns }, algorithm, found.sizeBytes) }
  }

  #digest(
    { path, columns }: ChangedFile,
    algorithm: DigestAlgorithm,
    sizeBytes: number,
  ): ReturnType<PackageFiles['digest']> {
    const known = String(columns.FileContentChecksum ?? '')
    if (known.length === DIGEST_CHARS[algorithm]) return { hex: known }
    if (sizeBytes > JUDGED_BYTES_MAX)
      return { why: `it has ${sizeBytes} bytes, and at most ${JUDGED_BYTES_MAX} are read a second time` }
    return this.#options.files.digest(path, algorithm, this.#options)
  }
}

/** Hex digits of the checksums that a scan makes, by which they are told apart. */
const DIGEST_CHARS: Readonly<Partial<Record<DigestAlgorithm, number>>> = { md5: 32, sha256: 64 }

function columnsOf(file: OwnedFile | undefined, { verdict, note }: Judged): ChangeColumns {
  return {
    ...(file === undefined ? {} : { PackageName: file.package, PackageVersion: file.version }),
    PackageVerdict: verdict,
    ...(note === undefined ? {} : { PackageVerdictNote: note }),
  }
}
