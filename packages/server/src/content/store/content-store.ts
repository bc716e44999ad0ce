/** Where contents are kept once they are whole and checked, each under its hash. All methods reject with `StoreUnavailable` where it may go well later. */
export interface ContentStore extends AsyncDisposable {
  /**
   * Keeps a content's zstd frame under the SHA-256 of what it holds. Resolves when it is safe, also after a power cut. What
   * is there already stays; two at the same time leave one of both.
   */
  put(hash: string, frame: Uint8Array): Promise<void>
  /** The frame in pieces; `undefined` where there is none. Whoever does not read to the end ends the loop. */
  get(hash: string): Promise<AsyncIterable<Uint8Array> | undefined>
  has(hash: string): Promise<boolean>
  /** Forgets it for good; nothing happens where there is none. */
  remove(hash: string): Promise<void>
}

/** A content's place below a store's root: 256 folders, so that none has too many entries. */
export function placeOf(hash: string): string {
  return `${hash.slice(0, 2)}/${hash}.zst`
}
