import { editorService } from '../analyzer/kusto.ts'
import type { KqlTable } from '../contract.ts'
import { tooMuch } from '../mistakes.ts'

/** The text with Kusto's usual spaces and lines; the same text where it cannot be read. Never throws. */
export function formatKql(text: string, tables: Readonly<Record<string, KqlTable>>): string {
  if (tooMuch(text, {}) !== undefined) return text
  try {
    const formatted = editorService(text, tables).GetFormattedText().Text ?? text
    // Of what is no query yet the library makes one, as it thinks: only spaces may change.
    return withoutSpaces(formatted) === withoutSpaces(text) ? formatted : text
  } catch {
    return text
  }
}

function withoutSpaces(text: string): string {
  return text.replaceAll(/\s/g, '')
}
