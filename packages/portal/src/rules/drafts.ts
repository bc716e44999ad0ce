import { useCallback, useState } from 'react'

/** What somebody began to write, and what it began with. */
export interface Draft {
  readonly name: string
  readonly text: string
  /** The version that it changes; undefined for a rule that is not saved yet. */
  readonly base: { readonly etag: string; readonly text: string } | undefined
}

/** The draft of a rule that is not there yet. */
export const NEW_RULE = 'new'

const keyOf = (rule: string): string => `tidemark-rule-draft-${rule}`

/**
 * The draft of a rule, as long as this tab is open: another page, a session that ended or a reload lose nothing. Where the
 * browser has no room, it lives as long as the page does.
 */
export function useDraft(rule: string): readonly [Draft | undefined, (draft: Draft | undefined) => void] {
  const [held, setHeld] = useState(() => ({ rule, draft: storedDraft(rule) }))
  if (held.rule !== rule) setHeld({ rule, draft: storedDraft(rule) })
  const keep = useCallback(
    (draft: Draft | undefined) => {
      storeDraft(rule, draft)
      setHeld({ rule, draft })
    },
    [rule],
  )
  return [held.rule === rule ? held.draft : storedDraft(rule), keep]
}

/** Keeps a draft, or forgets it. */
export function storeDraft(rule: string, draft: Draft | undefined): void {
  try {
    if (draft === undefined) sessionStorage.removeItem(keyOf(rule))
    else sessionStorage.setItem(keyOf(rule), JSON.stringify(draft))
  } catch {
    // No room: the page still has it.
  }
}

/** The draft that is kept; undefined where there is none. */
export function storedDraft(rule: string): Draft | undefined {
  try {
    return draftIn(JSON.parse(sessionStorage.getItem(keyOf(rule)) ?? 'null'))
  } catch {
    return undefined
  }
}

function draftIn(stored: Partial<Draft> | null): Draft | undefined {
  if (typeof stored?.name !== 'string' || typeof stored.text !== 'string') return undefined
  const { name, text, base } = stored
  const isBased = typeof base?.etag === 'string' && typeof base.text === 'string'
  return { name, text, base: isBased ? base : undefined }
}
