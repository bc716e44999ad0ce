/** Bytes that there is room for at first. */
const FIRST_BYTES = 64 * 1024
/** Digits of the largest whole number that is exact, and more. */
const DIGITS_MAX = 20

const POWERS = Array.from({ length: DIGITS_MAX }, (_, digits) => 10 ** digits)

/** UTF-8 text that grows in one piece of memory, for texts that are made by the hundred thousand. */
export class TextWriter {
  #room = Buffer.allocUnsafeSlow(FIRST_BYTES)
  #end = 0

  /** Bytes written so far. */
  get end(): number {
    return this.#end
  }

  clear(): void {
    this.#end = 0
  }

  /** What was written, as the caller's own. */
  taken(): Uint8Array {
    return new Uint8Array(this.#room.subarray(0, this.#end))
  }

  toString(): string {
    return this.#room.toString('utf8', 0, this.#end)
  }

  bytes(bytes: Uint8Array): void {
    this.#need(bytes.length)
    this.#room.set(bytes, this.#end)
    this.#end += bytes.length
  }

  text(text: string): void {
    const { length } = text
    this.#need(length * 3)
    const [room, end] = [this.#room, this.#end]
    for (let at = 0; at < length; at += 1) {
      const code = text.charCodeAt(at)
      if (code > 0x7f) {
        this.#end += room.write(text, end, 'utf8')
        return
      }
      room[end + at] = code
    }
    this.#end = end + length
  }

  /** A whole number from 0 on, with zeros in front up to `digitsMin`. */
  number(number: number, digitsMin = 1): void {
    if (number > Number.MAX_SAFE_INTEGER) return this.text(String(number))
    this.#need(DIGITS_MAX)
    const [room, end] = [this.#room, this.#end]
    let digits = digitsMin
    while ((POWERS[digits] ?? Infinity) <= number) digits += 1
    let rest = number
    for (let at = end + digits - 1; at >= end; at -= 1) {
      const next = Math.floor(rest / 10)
      room[at] = 0x30 + (rest - next * 10)
      rest = next
    }
    this.#end = end + digits
  }

  #need(bytes: number): void {
    if (this.#end + bytes <= this.#room.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#room.length * 2, this.#end + bytes))
    larger.set(this.#room.subarray(0, this.#end))
    this.#room = larger
  }
}
