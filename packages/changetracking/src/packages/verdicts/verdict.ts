import type { OwnedFile } from '../owners/package-database.ts'
import type { DigestAlgorithm, SeenFile } from '../owners/package-files.ts'

/** What a file is to its package manager; the words of `PackageVerdict`. */
export const packageVerdicts = [
  'matches package',
  'differs from package',
  'conffile edited',
  'unowned',
  'cannot say',
] as const
export type PackageVerdict = (typeof packageVerdicts)[number]

/** A verdict, and why, where that is not plain. */
export interface Judged {
  readonly verdict: PackageVerdict
  readonly note?: string
}

/** The file as it is. `kind` `gone`: it is not there. */
export interface JudgedFile {
  readonly kind: SeenFile['kind'] | 'gone'
  /** Its checksum in hex, or why it could not be made. Asked for only where it decides. */
  readonly digest: (algorithm: DigestAlgorithm) => { readonly hex: string } | { readonly why: string }
}

const KINDS = { folder: 'a folder', link: 'a symbolic link', other: 'a device, fifo or socket' } as const

/** Compares a file with what its package brought. */
export function judge(owned: OwnedFile | undefined, seen: JudgedFile): Judged {
  if (owned === undefined) return { verdict: 'unowned' }
  const { expected, isConfig } = owned
  const otherwise = isConfig ? 'conffile edited' : 'differs from package'
  if (expected.kind === 'unknown' && expected.mayBeMissing === true)
    return { verdict: 'cannot say', note: expected.why }
  if (seen.kind === 'gone') return { verdict: otherwise, note: 'it is missing' }
  if (expected.kind === 'unknown') return { verdict: 'cannot say', note: expected.why }
  if (seen.kind !== 'file') return { verdict: otherwise, note: `it is ${KINDS[seen.kind]}, and was a file` }
  const digest = seen.digest(expected.algorithm)
  if ('why' in digest) return { verdict: 'cannot say', note: `its content could not be read: ${digest.why}` }
  return { verdict: digest.hex === expected.hex ? 'matches package' : otherwise }
}
