import type { PathBytes } from '../../files/file-name.ts'
import type { DigestAlgorithm } from './package-files.ts'

/** What a package manager knows of one file. */
export interface OwnedFile {
  /** As its manager names it, without architecture. */
  readonly package: string
  readonly version: string
  /** Whether people are meant to edit it. */
  readonly isConfig: boolean
  /** Whether its package manager had finished with the package, so that the database is right. */
  readonly isSettled: boolean
  readonly expected: Expected
}

/** What the file should be, or why its package manager does not know. */
export type Expected =
  | { readonly kind: 'content'; readonly algorithm: DigestAlgorithm; readonly hex: string }
  | { readonly kind: 'unknown'; readonly why: string; readonly mayBeMissing?: boolean }

/** An installed package, by the name under which its database asks for its files. */
export interface InstalledName {
  readonly key: string
  readonly name: string
  readonly version: string
}

/** The database of one package manager. Nothing of it is read before it is asked, and nothing again that did not change. */
export interface PackageDatabase {
  readonly source: 'dpkg' | 'rpm' | 'pacman' | 'apk'
  /** Who owns these paths; a path that nobody owns is not in it. Throws where the database cannot be understood. */
  owners(paths: readonly PathBytes[]): ReadonlyMap<PathBytes, OwnedFile>
  packages(): readonly InstalledName[]
  /** Everything that a package installed, where it is found. */
  files(key: string): Iterable<readonly [PathBytes, OwnedFile]>
  /** Whether the package manager works on a package just now: what its database says may be older than the files. */
  isAtWork(): boolean
}
