/** What a name in a folder is; a link is not followed. */
export interface TreeName {
  readonly name: string
  readonly kind: 'file' | 'folder' | 'link' | 'other'
}

/** What lies at a path, links followed. */
export interface TreeStatus {
  readonly kind: 'file' | 'folder' | 'other'
  readonly bytes: number
  readonly isExecutable: boolean
  /** When content or attributes changed last, milliseconds since 1970 (st_ctime). */
  readonly changedMs: number
  /** Differs when the file was written or replaced. */
  readonly stamp: string
}

/** The files below one root: this machine's, or those of an image, a container, a captured tree. Links never lead out of it. */
export interface Tree {
  /** The path of its `/` for this machine. */
  readonly root: string
  /** What lies in a folder, in no order; nothing where there is none. */
  names(folder: string): readonly TreeName[]
  /** `undefined` where nothing is, or a link leads nowhere. */
  status(path: string): TreeStatus | undefined
  /** What a link says, `undefined` where there is no link. */
  linkTarget(path: string): string | undefined
  /** A whole file, `undefined` where there is none, it is no file, or it is larger than `bytesMax`. */
  read(path: string, bytesMax: number): Uint8Array | undefined
  /** What could not be looked at since the last call (no right, a broken disk, too large), each with its reason. */
  takeTroubles(): readonly TreeTrouble[]
}

/** A path that is there and cannot be looked at. */
export interface TreeTrouble {
  readonly path: string
  readonly reason: string
}
