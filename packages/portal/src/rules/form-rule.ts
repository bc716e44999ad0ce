import type { JSONPath } from 'jsonc-parser'

/** What a form's parts need of the rule. */
export interface FormRule {
  readonly text: string
  readonly document: unknown
  /** Where the settings of change tracking are. */
  readonly settings: JSONPath
  /** The first mistake by the place that it is in, `fileSettings.fileInfo[0].name`. */
  readonly problems: ReadonlyMap<string, string>
  readonly isReadOnly: boolean
  readonly onText: (text: string) => void
}

/** The mistake of a place, or of something in it: one of several patterns. */
export function problemAt(problems: ReadonlyMap<string, string>, place: string): string | undefined {
  const found = problems.get(place)
  if (found !== undefined) return found
  for (const [where, message] of problems) if (where.startsWith(`${place}.`)) return message
  return undefined
}
