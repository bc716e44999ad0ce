const encoder = new TextEncoder()

/** A key, a bucket's name or a value: bytes, or text that becomes its UTF-8 bytes. */
export type Bytes = Uint8Array | string

/** Bytes to look at only. */
export function lentBytes(bytes: Bytes): Uint8Array {
  return typeof bytes === 'string' ? encoder.encode(bytes) : bytes
}

/** Below 0, 0 or above 0: byte by byte, the shorter one first when one starts the other (Go: bytes.Compare). */
export function compareBytes(left: Uint8Array, right: Uint8Array): number {
  const common = Math.min(left.length, right.length)
  for (let i = 0; i < common; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0)
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

/** The first index in [0, count) for which `compareAt` is not below 0, or `count` (Go: sort.Search). */
export function firstNotBelow(count: number, compareAt: (index: number) => number): number {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareAt(middle) < 0) low = middle + 1
    else high = middle
  }
  return low
}

/** A key as a map's key: one character a byte. */
export function mapKey(key: Uint8Array): string {
  let text = ''
  for (const byte of key) text += String.fromCharCode(byte)
  return text
}

/** A key for messages: text where it is printable, else hexadecimal; cut after 32 bytes. */
export function showKey(key: Uint8Array): string {
  const head = key.subarray(0, 32)
  const isText = head.every((byte) => byte >= 0x20 && byte < 0x7f)
  const shown = isText ? JSON.stringify(mapKey(head)) : `0x${Array.from(head, hexByte).join('')}`
  return key.length > head.length ? `${shown}… (${key.length} bytes)` : shown
}

function hexByte(byte: number): string {
  return byte.toString(16).padStart(2, '0')
}
