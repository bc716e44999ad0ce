import type { Clock } from '@tidemark/base'

import { type PathBytes, pathFromText, shownPath } from '../../files/file-name.ts'
import { openPackageFiles } from '../../host/package-files.ts'
import { packageDatabases } from '../owners/databases.ts'
import type { OwnedFile, PackageDatabase } from '../owners/package-database.ts'
import type { PackageFiles } from '../owners/package-files.ts'
import { pathsBelow } from './paths-below.ts'
import { judge, type Judged, type JudgedFile } from './verdict.ts'

/** What is to be verified: everything that packages brought, or one package, or what is at and below some paths. */
export interface VerifyOptions {
  /** Another root than this machine's own, an absolute path. */
  readonly root: string
  /** Absolute paths as people write them; none for everything that packages brought. */
  readonly paths: readonly string[]
  /** Only the packages of this name. */
  readonly package?: string
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Gets each file that was judged. */
  readonly onFile: (file: VerifiedFile) => void
  /** Told now and then what was done so far. */
  readonly onProgress: (done: VerifyCounts) => void
}

/** A file with its verdict. */
export interface VerifiedFile extends Judged {
  readonly path: string
  readonly package?: string
  readonly version?: string
  readonly isConfig: boolean
  /** What is there. */
  readonly kind: JudgedFile['kind']
}

/** What was judged. */
export interface VerifyCounts {
  readonly files: number
  readonly bytes: number
}

/** How it went. */
export interface VerifyResult extends VerifyCounts {
  /** Package managers whose databases were asked. */
  readonly sources: readonly PackageDatabase['source'][]
  /** Packages that were verified; with paths, those that own something there. */
  readonly packages: number
  /** Sentences on what could not be seen. */
  readonly gaps: readonly string[]
}

/** How long the event loop may wait, in milliseconds, so that Ctrl-C is heard and progress is seen. */
const HELD_MS_MAX = 50
/** Paths that are looked up at once. */
const BATCH_MAX = 1_000

/** Judges files against what their packages brought. Rejects with the signal's reason when it aborts. */
export async function verifyPackages(options: VerifyOptions): Promise<VerifyResult> {
  const files = openPackageFiles(options.root)
  const databases = packageDatabases(files)
  const run = new Verifying(files, databases, options)
  const steps = options.paths.length > 0 ? run.paths() : run.packages()
  let heldSinceMs = options.clock.monotonicMs()
  for (const _step of steps) {
    if (options.clock.monotonicMs() - heldSinceMs < HELD_MS_MAX) continue
    options.onProgress(run.counts)
    await options.clock.sleep(0, options.signal)
    heldSinceMs = options.clock.monotonicMs()
  }
  const gaps = databases
    .filter((database) => database.isAtWork())
    .map(({ source }) => `${source} was at work meanwhile: what it was changing may be judged by what was there before`)
  return {
    ...run.counts,
    sources: databases.map(({ source }) => source),
    packages: run.packageCount,
    gaps: [...run.gaps, ...gaps],
  }
}

class Verifying {
  readonly #files: PackageFiles
  readonly #databases: readonly PackageDatabase[]
  readonly #options: VerifyOptions
  readonly #packages = new Set<string>()
  readonly gaps: string[] = []
  #counts = { files: 0, bytes: 0 }

  constructor(files: PackageFiles, databases: readonly PackageDatabase[], options: VerifyOptions) {
    this.#files = files
    this.#databases = databases
    this.#options = options
  }

  get counts(): VerifyCounts {
    return this.#counts
  }

  get packageCount(): number {
    return this.#packages.size
  }

  /** Everything that packages brought, one file a step. */
  *packages(): Generator<undefined> {
    for (const database of this.#databases)
      for (const { key, name } of this.#read(database, () => database.packages()) ?? []) {
        if (this.#options.package !== undefined && name !== this.#options.package) continue
        this.#packages.add(`${database.source} ${key}`)
        for (const [path, owned] of database.files(key)) {
          this.#judge(path, owned)
          yield
        }
      }
  }

  /** What is at and below the paths. */
  *paths(): Generator<undefined> {
    let batch: PathBytes[] = []
    for (const path of this.#options.paths)
      for (const each of pathsBelow(this.#files, pathFromText(path))) {
        batch.push(each)
        if (batch.length < BATCH_MAX) continue
        yield* this.#judgeAll(batch)
        batch = []
      }
    yield* this.#judgeAll(batch)
  }

  *#judgeAll(paths: readonly PathBytes[]): Generator<undefined> {
    const owned = new Map<PathBytes, OwnedFile>()
    for (const database of this.#databases)
      for (const [path, file] of this.#read(database, () => database.owners(paths)) ?? []) {
        owned.set(path, file)
        this.#packages.add(`${database.source} ${file.package}`)
      }
    for (const path of paths) {
      const file = owned.get(path)
      if (this.#options.package !== undefined && file?.package !== this.#options.package) continue
      this.#judge(path, file)
      yield
    }
  }

  #judge(path: PathBytes, owned: OwnedFile | undefined): void {
    const found = this.#files.look(path)
    const breathe = (bytes: number): void => {
      this.#counts = { ...this.#counts, bytes: this.#counts.bytes + bytes }
    }
    const seen: JudgedFile =
      typeof found === 'string'
        ? { kind: 'gone', digest: () => ({ why: found }) }
        : { kind: found.kind, digest: (algorithm) => this.#files.digest(path, algorithm, { breathe }) }
    const judged =
      found === 'ENOENT' || found === 'ENOTDIR' || typeof found !== 'string' ? judge(owned, seen) : unseen(found)
    this.#counts = { ...this.#counts, files: this.#counts.files + 1 }
    this.#options.onFile({
      path: shownPath(path),
      ...(owned === undefined ? {} : { package: owned.package, version: owned.version }),
      isConfig: owned?.isConfig ?? false,
      kind: seen.kind,
      ...judged,
    })
  }

  #read<T>(database: PackageDatabase, ask: () => T): T | undefined {
    try {
      return ask()
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      const gap = `the database of ${database.source} cannot be read: ${why}`
      if (!this.gaps.includes(gap)) this.gaps.push(gap)
      return undefined
    }
  }
}

function unseen(why: string): Judged {
  return { verdict: 'cannot say', note: `it cannot be looked at: ${why}` }
}
