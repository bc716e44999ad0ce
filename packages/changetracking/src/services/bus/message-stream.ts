import { Buffer } from 'node:buffer'

import { decodeMessage, FIXED_BYTES, messageLength, type ReceivedMessage } from './message.ts'

/** Cuts what comes from a socket into messages. Throws `bus-failed` at bytes that are none: nothing after them has a place. */
export class MessageStream {
  #waiting: Buffer[] = []
  #length = 0;

  /** The messages that are whole now. */
  *add(bytes: Buffer): Generator<ReceivedMessage> {
    this.#waiting.push(bytes)
    this.#length += bytes.length
    while (this.#length >= FIXED_BYTES) {
      const first = this.#joined(FIXED_BYTES)
      const length = messageLength(first)
      if (this.#length < length) return
      const all = this.#joined(length)
      this.#waiting[0] = all.subarray(length)
      this.#length -= length
      yield decodeMessage(all.subarray(0, length))
    }
  }

  /** The first piece, made long enough. */
  #joined(length: number): Buffer {
    const [first] = this.#waiting
    if (first !== undefined && first.length >= length) return first
    const all = Buffer.concat(this.#waiting)
    this.#waiting = [all]
    return all
  }
}
