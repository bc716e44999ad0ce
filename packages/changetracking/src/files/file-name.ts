import { isUtf8 } from 'node:buffer'

/**
 * Paths are bytes to the kernel. Inside, a path is text with one character for each byte (latin1), which loses nothing;
 * `shownPath` makes the text that people read.
 */
export type PathBytes = string

/** The bytes of a path for the kernel. */
export function bytesOf(path: PathBytes): Buffer {
  return Buffer.from(path, 'latin1')
}

/** A path from text as a rule writes it. */
export function pathFromText(text: string): PathBytes {
  return Buffer.from(text, 'utf8').toString('latin1')
}

/** The text of a path or name: UTF-8 where it is, else each byte that is none as `\xNN` (and each backslash doubled). */
export function shownPath(path: PathBytes): string {
  if (isAscii(path)) return path
  const bytes = bytesOf(path)
  if (isUtf8(bytes)) return bytes.toString('utf8')
  let shown = ''
  for (let at = 0; at < bytes.length;) {
    const length = characterLength(bytes, at)
    if (length === 0) {
      shown += `\\x${(bytes[at] ?? 0).toString(16).padStart(2, '0')}`
      at += 1
    } else {
      const character = bytes.subarray(at, at + length).toString('utf8')
      shown += character === '\\' ? '\\\\' : character
      at += length
    }
  }
  return shown
}

/** The paths or names that are shown as this text: mostly one, two where one is not UTF-8, none for text that is none. */
export function pathsShownAs(text: string): PathBytes[] {
  const utf8 = pathFromText(text)
  const odd = utf8.replace(/\\(?:x([\da-f]{2})|\\)/g, (_found, hex: string | undefined) =>
    hex === undefined ? '\\' : String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return [...new Set([utf8, odd])].filter((path) => shownPath(path) === text)
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 0x7f) return false
  return true
}

/** Bytes of the character that begins here, 0 where none does (RFC 3629 §4). */
function characterLength(bytes: Buffer, at: number): number {
  for (let length = 1; length <= 4 && at + length <= bytes.length; length += 1)
    if (isUtf8(bytes.subarray(at, at + length))) return length
  return 0
}
