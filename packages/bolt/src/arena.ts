import type { Bytes } from './key-order.ts'

const ROOM_BYTES_MIN = 4096
const ROOM_BYTES_MAX = 256 * 1024
/** The most bytes that a UTF-16 code unit takes in UTF-8. */
const UNIT_BYTES_MAX = 3

const encoder = new TextEncoder()

/**
 * Copies that live as long as a transaction. They lie side by side in rooms that grow with their number: a buffer for
 * each would cost more than the copying.
 */
export class Arena {
  #room = Buffer.alloc(0)
  readonly #rooms: Buffer<ArrayBuffer>[] = []
  #used = 0
  #nextBytes = ROOM_BYTES_MIN

  /** Bytes that are nobody else's: what the caller does with theirs afterwards changes nothing. */
  own(bytes: Bytes): Uint8Array {
    return typeof bytes === 'string' ? this.#ownText(bytes) : this.#ownBytes(bytes)
  }

  /** Gives the memory back now, which the garbage collector would do much later. All copies are empty afterwards. */
  end(): void {
    for (const room of this.#rooms.splice(0)) room.buffer.transfer(0)
    this.#room = Buffer.alloc(0)
    this.#used = 0
  }

  #ownBytes(bytes: Uint8Array): Uint8Array {
    const size = bytes.length
    if (!this.#hasRoom(size)) return new Uint8Array(bytes)
    this.#room.set(bytes, this.#used)
    return this.#take(size)
  }

  #ownText(text: string): Uint8Array {
    if (!this.#hasRoom(text.length * UNIT_BYTES_MAX)) return encoder.encode(text)
    return this.#take(this.#room.write(text, this.#used, 'utf8'))
  }

  /** Not for what would take a good part of a room: that is better off alone. */
  #hasRoom(size: number): boolean {
    if (this.#used + size <= this.#room.length) return true
    if (size > this.#nextBytes / 8) return false
    this.#room = Buffer.allocUnsafeSlow(this.#nextBytes)
    this.#rooms.push(this.#room)
    this.#used = 0
    this.#nextBytes = Math.min(ROOM_BYTES_MAX, this.#nextBytes * 2)
    return true
  }

  // No Buffer: the slices of one share its memory.
  #take(size: number): Uint8Array {
    const taken = new Uint8Array(this.#room.buffer, this.#used, size)
    this.#used += size
    return taken
  }
}
