import { UPLOAD_BYTES_MAX } from '@tidemark/model'

/** Bytes of uploads under way, where the settings say nothing: with rows and their text, under 1 GiB of memory. */
export const UPLOAD_BYTES_IN_FLIGHT = 256 * 1024 * 1024
/** Uploads under way at a time, however small. */
export const UPLOADS_MAX = 4_096
/** Uploads of one machine, or of one token, under way at a time. */
export const UPLOADS_OF_ONE_MAX = 8
/** How much larger a compressed body is taken to be until it was decompressed: rows are seen to shrink to a tenth. */
const GROWTH = 10

/** Room that one upload has. Given back when it is disposed; safe to call twice. */
export interface Room extends Disposable {
  /** Now that its size is known. False where there is no room for it. */
  resize(bytes: number): boolean
}

/** Why there is no room: others have it all (`busy`), or who asks has a share of its own already (`share`). */
export type NoRoom = 'busy' | 'share'

/**
 * Lets uploads in by the memory that they will take, before a byte of them is read. One sender gets an eighth of all, or as
 * much as one upload needs: whoever sends much does not keep others out.
 */
export class Admission {
  readonly #bytesMax: number
  readonly #shareMax: number
  readonly #byOwner = new Map<string, { bytes: number; count: number }>()
  #bytes = 0
  #count = 0

  constructor(bytesMax = UPLOAD_BYTES_IN_FLIGHT) {
    this.#bytesMax = bytesMax
    this.#shareMax = Math.max(UPLOAD_BYTES_MAX, Math.floor(bytesMax / 8))
  }

  /** Bytes under way. */
  get bytes(): number {
    return this.#bytes
  }

  /** Room for an upload of so many bytes, or why there is none. */
  enter(owner: string, bytes: number): Room | NoRoom {
    const own = this.#byOwner.get(owner) ?? { bytes: 0, count: 0 }
    if (own.count >= UPLOADS_OF_ONE_MAX || own.bytes + bytes > this.#shareMax) return 'share'
    if (this.#count >= UPLOADS_MAX || this.#bytes + bytes > this.#bytesMax) return 'busy'
    this.#byOwner.set(owner, own)
    own.count += 1
    this.#count += 1
    this.#add(own, bytes)
    return this.#room(owner, own, bytes)
  }

  #room(owner: string, own: { bytes: number; count: number }, first: number): Room {
    let held = first
    let isOver = false
    return {
      resize: (bytes) => {
        if (isOver || this.#bytes + bytes - held > this.#bytesMax) return false
        this.#add(own, bytes - held)
        held = bytes
        return true
      },
      [Symbol.dispose]: () => {
        if (isOver) return
        isOver = true
        this.#add(own, -held)
        own.count -= 1
        this.#count -= 1
        if (own.count === 0) this.#byOwner.delete(owner)
      },
    }
  }

  #add(own: { bytes: number }, bytes: number): void {
    own.bytes += bytes
    this.#bytes += bytes
  }
}

/** What an upload will take, from its headers: all that one may have where they do not tell. */
export function expectedBytes(
  headers: { readonly 'content-length'?: string | undefined; readonly 'content-encoding'?: string | undefined },
  bytesMax = UPLOAD_BYTES_MAX,
): number {
  const length = Number(headers['content-length'] ?? Number.NaN)
  if (!Number.isSafeInteger(length)) return bytesMax
  const isPacked = (headers['content-encoding'] ?? 'identity').trim().toLowerCase() !== 'identity'
  return Math.min(bytesMax, isPacked ? length * GROWTH : length)
}
