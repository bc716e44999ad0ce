import type { AnswerRow } from '../api/answer-row.ts'

/** SHA-256 of the contents that are kept of a change, 64 hex digits each; undefined where none is. */
export interface KeptContents {
  readonly before: string | undefined
  readonly after: string | undefined
}

/** The contents that a change links to. Only the hash is taken from a link: a machine may write anything there. */
export function keptContents(row: AnswerRow): KeptContents {
  return { before: hashIn(row['PreviousFileContentBlobLink']), after: hashIn(row['FileContentBlobLink']) }
}

function hashIn(link: unknown): string | undefined {
  return typeof link === 'string' ? /(?:^|\/)([0-9a-f]{64})$/.exec(link)?.[1] : undefined
}
