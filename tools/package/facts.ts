import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Something that keeps a package from being built; the message says what, where, and what now. */
export class PackageError extends Error {
  override readonly name = 'PackageError'
}

/** The repository. */
export const repository = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

/**
 * The version of the packages: what is said, or that of `packages/tidemark/package.json`. Digits and dots, then perhaps `~` and
 * more: a version that dpkg and rpm order alike. Throws `PackageError` for any other.
 */
export function packageVersion(said?: string): string {
  const version = said ?? String(Reflect.get(readJson(join(repository, 'packages/tidemark/package.json')), 'version'))
  if (/^\d+(\.\d+){1,3}(~[a-z0-9.]+)?$/.test(version) && version.length <= VERSION_CHARS_MAX) return version
  throw new PackageError(`"${version}" is no version: write 1.2.3, or 1.2.3~rc1 for one before it`)
}

const VERSION_CHARS_MAX = 64

/**
 * The moment that files and packages carry, in seconds (reproducible-builds.org/specs/source-date-epoch): SOURCE_DATE_EPOCH,
 * or the date of the last commit.
 */
export function sourceDate(environment: Readonly<Record<string, string | undefined>> = process.env): number {
  const said = environment['SOURCE_DATE_EPOCH']
  const text = said ?? execFileSync('git', ['log', '-1', '--format=%ct'], { cwd: repository, encoding: 'utf8' }).trim()
  if (/^\d{1,12}$/.test(text)) return Number(text)
  throw new PackageError(`SOURCE_DATE_EPOCH is seconds since 1970, not "${text}"`)
}

/** A JSON document that is an object. */
export function readJson(path: string): object {
  const document: unknown = JSON.parse(readFileSync(path, 'utf8'))
  if (typeof document !== 'object' || document === null) throw new PackageError(`${path} holds no object`)
  return document
}

/** Runs a program of this machine; throws `PackageError` with what it said where it is not there or fails. */
export function runTool(program: string, words: readonly string[], env: NodeJS.ProcessEnv = process.env): string {
  try {
    return execFileSync(program, words, { encoding: 'utf8', env, maxBuffer: 64 * 1024 * 1024, stdio: ['ignore', 'pipe', 'pipe'] })
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
    throw new PackageError(isMissing ? `${program} is not here: install it ("apt-get install ${DEBIAN[program] ?? program}")` : why, {
      cause,
    })
  }
}

const DEBIAN: Readonly<Record<string, string>> = { rpmbuild: 'rpm', 'dpkg-deb': 'dpkg' }
