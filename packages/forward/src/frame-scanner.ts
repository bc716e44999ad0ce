/**
 * Finds where one msgpack value ends, byte by byte, without decoding it: linear however small the pieces are that
 * arrive. Format bytes are those of the MessagePack specification.
 */
export class FrameScanner {
  readonly #depthMax: number
  readonly #valuesMax: number
  /** Values so far of the frame that is being read. */
  #values = 0
  /** Values still to come at each open level. */
  #open: number[] = []
  /** Bytes of payload to skip. */
  #skip = 0
  /** Bytes of a length field still to come, its value so far, and what the length counts. */
  #lengthBytes = 0
  #length = 0
  #counts: 'bytes' | 'extension' | 'elements' | 'pairs' = 'bytes'

  constructor({ depthMax, valuesMax }: { readonly depthMax: number; readonly valuesMax: number }) {
    this.#depthMax = depthMax
    this.#valuesMax = valuesMax
  }

  /** Whether a value has begun and not ended. */
  get isInside(): boolean {
    return this.#open.length > 0 || this.#skip > 0 || this.#lengthBytes > 0
  }

  /**
   * Reads on at `from`. Returns the position after the value's last byte, `undefined` when more bytes are needed, or
   * what makes the value impossible.
   */
  scan(bytes: Uint8Array, from: number): number | undefined | { readonly malformed: string; readonly at: number } {
    for (let at = from; at < bytes.length;) {
      if (this.#skip > 0) {
        const step = Math.min(this.#skip, bytes.length - at)
        this.#skip -= step
        at += step
        if (this.#skip === 0 && this.#closeValue()) return at
        continue
      }
      const malformed = this.#lengthBytes > 0 ? this.#lengthByte(bytes[at] ?? 0) : this.#formatByte(bytes[at] ?? 0)
      if (typeof malformed === 'string') return { malformed, at }
      at += 1
      if (malformed) return at
    }
    return undefined
  }

  /** One byte of a length; true when the whole value is complete with it. */
  #lengthByte(byte: number): boolean | string {
    this.#length = this.#length * 256 + byte
    this.#lengthBytes -= 1
    if (this.#lengthBytes > 0) return false
    const length = this.#length
    this.#length = 0
    switch (this.#counts) {
      case 'bytes':
        return this.#skipOver(length)
      case 'extension':
        return this.#skipOver(length + 1)
      case 'elements':
        return this.#enter(length)
      case 'pairs':
        return this.#enter(length * 2)
    }
  }

  #formatByte(byte: number): boolean | string {
    this.#values += 1
    if (this.#values > this.#valuesMax) return `more than ${this.#valuesMax} values in a frame`
    if (byte <= 0x7f || byte >= 0xe0) return this.#closeValue()
    if (byte <= 0x8f) return this.#enter((byte & 0x0f) * 2)
    if (byte <= 0x9f) return this.#enter(byte & 0x0f)
    if (byte <= 0xbf) return this.#skipOver(byte & 0x1f)
    if (byte === 0xc1) return 'byte 0xc1 is never used in msgpack'
    const fixed = fixedSizes[byte]
    if (fixed !== undefined) return this.#skipOver(fixed)
    const [lengthBytes, counts] = lengthFields[byte] ?? [0, 'bytes']
    this.#lengthBytes = lengthBytes
    this.#counts = counts
    return false
  }

  #skipOver(count: number): boolean {
    this.#skip = count
    return count === 0 && this.#closeValue()
  }

  #enter(count: number): boolean | string {
    if (count === 0) return this.#closeValue()
    if (this.#open.length >= this.#depthMax) return `nested deeper than ${this.#depthMax} levels`
    this.#open.push(count)
    return false
  }

  /** One value is complete; so are all the levels that it was the last one of. True when nothing is open. */
  #closeValue(): boolean {
    while (this.#open.length > 0) {
      const left = (this.#open.at(-1) ?? 1) - 1
      if (left > 0) {
        this.#open[this.#open.length - 1] = left
        return false
      }
      this.#open.pop()
    }
    this.#values = 0
    return true
  }
}

/** Payload bytes after a format byte without a length: nil, booleans, numbers, fixed extensions. */
const fixedSizes: Readonly<Record<number, number>> = {
  0xc0: 0,
  0xc2: 0,
  0xc3: 0,
  0xca: 4,
  0xcb: 8,
  0xcc: 1,
  0xcd: 2,
  0xce: 4,
  0xcf: 8,
  0xd0: 1,
  0xd1: 2,
  0xd2: 4,
  0xd3: 8,
  0xd4: 2,
  0xd5: 3,
  0xd6: 5,
  0xd7: 9,
  0xd8: 17,
}

/** Format bytes with a length: how many bytes it has, and what it counts. */
const lengthFields: Readonly<Record<number, readonly [number, 'bytes' | 'extension' | 'elements' | 'pairs']>> = {
  0xc4: [1, 'bytes'],
  0xc5: [2, 'bytes'],
  0xc6: [4, 'bytes'],
  0xc7: [1, 'extension'],
  0xc8: [2, 'extension'],
  0xc9: [4, 'extension'],
  0xd9: [1, 'bytes'],
  0xda: [2, 'bytes'],
  0xdb: [4, 'bytes'],
  0xdc: [2, 'elements'],
  0xdd: [4, 'elements'],
  0xde: [2, 'pairs'],
  0xdf: [4, 'pairs'],
}
