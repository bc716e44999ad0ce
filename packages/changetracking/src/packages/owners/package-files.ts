import type { PathBytes } from '../../files/file-name.ts'

/** Checksums that package managers keep. */
export type DigestAlgorithm = 'md5' | 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512'

/** What is at a path. */
export interface SeenFile {
  readonly kind: 'file' | 'folder' | 'link' | 'other'
  readonly sizeBytes: number
}

/** The machine as owners and verdicts may see it; `host/package-files.ts` alone opens it. Paths are absolute, below a root. */
export interface PackageFiles {
  /** The whole of a file of a database; `undefined` where it cannot be read. */
  read(path: PathBytes): Buffer | undefined
  /** Names in a folder; none where there is no such folder. */
  names(folder: PathBytes): string[]
  /** What differs when the file or folder at a path does; `undefined` where nothing is there. */
  stamp(path: PathBytes): string | undefined
  /** What a symbolic link says; `undefined` for what is none. */
  link(path: PathBytes): string | undefined
  /** The path with its root, for who opens databases. */
  place(path: PathBytes): string
  /** What is there, links not followed, or the name of the error. */
  look(path: PathBytes): SeenFile | string
  /** The checksum of a file, in hex. `breathe` is told the bytes of each read and may rest. */
  digest(
    path: PathBytes,
    algorithm: DigestAlgorithm,
    how: { readonly breathe: (bytes: number) => void },
  ): { readonly hex: string } | { readonly why: string }
  /** Whether a process holds a lock on one of these files; `undefined` where the kernel does not tell. */
  isLocked(paths: readonly string[]): boolean | undefined
}
