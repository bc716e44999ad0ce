import { isUtf8 } from 'node:buffer'
import { hash } from 'node:crypto'

import { shownPath } from '../file-name.ts'

/** Of more bytes than this, the SHA-256 is shown instead. */
const HEX_BYTES_MAX = 64

/** What is said of bytes that are not what they should be; two that differ are never told alike. */
export function malformedText(bytes: Uint8Array): string {
  const what = bytes.length > HEX_BYTES_MAX ? `sha256:${sha256Of(bytes)}` : `0x${Buffer.from(bytes).toString('hex')}`
  return `malformed, ${bytes.length} bytes: ${bytes.length === 0 ? 'none' : what}`
}

/** SHA-256 in hex. */
export function sha256Of(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'hex')
}

/** Text of bytes: the bytes of control characters and those that are no UTF-8 as `\xNN`, each backslash doubled. */
export function escapedText(bytes: Uint8Array): string {
  const latin1 = Buffer.from(bytes).toString('latin1')
  const text = shownPath(latin1)
  // `shownPath` doubles backslashes only where some byte is no UTF-8.
  const doubled = isUtf8(bytes) ? text.replaceAll('\\', '\\\\') : text
  return doubled.replaceAll(CONTROL, (character) => Buffer.from(character).toString('hex').replaceAll(/../g, '\\x$&'))
}

/** Whether the bytes are UTF-8 without control characters other than tabulators and line ends. */
export function isPrintable(bytes: Uint8Array): boolean {
  return isUtf8(bytes) && !/[^\P{Cc}\t\n\r]/u.test(Buffer.from(bytes).toString('utf8'))
}

const CONTROL = /\p{Cc}/gu
