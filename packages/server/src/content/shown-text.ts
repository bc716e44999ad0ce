import { type ContentText, MAX_OUTPUT_SIZE_DEFAULT } from '@tidemark/model'

import { redactSecrets } from './redaction/redact-secrets.ts'

/** Bytes of one content that are shown at most, whatever an entry says. */
export const SHOWN_BYTES_MAX = 4 * 1024 * 1024
/** Characters at a cut that are left out where no line ends there: a secret that is cut in two would not be known as one. */
const CUT_CHARS = 512
/** Characters before a cut in which a line's end is looked for. */
const LINE_CHARS_MAX = 64 * 1024

/** How many bytes of a content are shown: what the entry said that asked for it, else what entries say by default. */
export function shownBytes(shownBytesMax: number | undefined): number {
  return Math.min(
    shownBytesMax === undefined || shownBytesMax === 0 ? MAX_OUTPUT_SIZE_DEFAULT : shownBytesMax,
    SHOWN_BYTES_MAX,
  )
}

/**
 * The beginning of a content as text. `isWhole` says whether `bytes` are all of it; where they are not, the text ends with a
 * line. Without a key nothing is hidden.
 */
export function shownText(
  bytes: Buffer,
  facts: { readonly hash: string; readonly size: number; readonly isWhole: boolean },
  key: Uint8Array | undefined,
): ContentText {
  const { hash, size, isWhole } = facts
  const { encoding, text: decoded } = decodedText(bytes, isWhole)
  const text = isWhole ? decoded : cut(decoded)
  const { text: shown, count } = key === undefined ? { text, count: 0 } : redactSecrets(text, key)
  const isText = encoding !== 'binary'
  return { hash, size, isText, encoding, isTruncated: isText && !isWhole, text: shown, redactionCount: count }
}

function cut(text: string): string {
  const end = text.lastIndexOf('\n')
  return end !== -1 && text.length - end <= LINE_CHARS_MAX
    ? text.slice(0, end + 1)
    : text.slice(0, Math.max(0, text.length - CUT_CHARS))
}

interface Decoded {
  readonly encoding: ContentText['encoding']
  readonly text: string
}

const nothing: Decoded = { encoding: 'binary', text: '' }

/** Control characters that text has: tab, the ends of lines and pages, backspace (of manual pages), escape (colours). */
const NO_TEXT = /[\0-\x07\x0b\x0e-\x1a\x1c-\x1f\x7f]/

function decodedText(bytes: Buffer, isWhole: boolean): Decoded {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return decode(bytes, 'utf-16le', isWhole) ?? nothing
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return decode(bytes, 'utf-16be', isWhole) ?? nothing
  if (bytes.includes(0)) return nothing
  const utf8 = decode(bytes, 'utf-8', isWhole)
  if (utf8) return utf8
  // Any byte is a character of Latin-1, also those of programs.
  const latin1 = bytes.toString('latin1')
  return NO_TEXT.test(latin1) || /[\x80-\x9f]/.test(latin1) ? nothing : { encoding: 'latin1', text: latin1 }
}

function decode(bytes: Buffer, encoding: 'utf-8' | 'utf-16le' | 'utf-16be', isWhole: boolean): Decoded | undefined {
  try {
    // A character that the cut divided is no fault of the text.
    const text = new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes, { stream: !isWhole })
    return { encoding, text }
  } catch {
    return undefined
  }
}
