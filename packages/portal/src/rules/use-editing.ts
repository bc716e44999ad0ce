import { mergeRules, type RuleDetail } from '@tidemark/model'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { RequestFailed } from '../api/client.ts'
import { createRule, ruleDetail, saveRule } from '../api/rules.ts'
import { ruleWords as words } from '../words/rules.ts'
import { type Draft, NEW_RULE, useDraft } from './drafts.ts'
import { emptyRule } from './empty-rule.ts'
import { NAME } from './rule-name.ts'
import { readRuleText, textOfRule } from './rule-text.ts'
import { forgetRules } from './use-rules.ts'

/** Somebody saved while somebody wrote. */
export interface SavedMeanwhile {
  readonly theirs: RuleDetail
  /** What both began with, and what was written here. */
  readonly base: unknown
  readonly mine: unknown
}

/** How a conflict goes on. */
export type Resolution = 'merge' | 'mine' | 'theirs'

/** A rule while it is written. */
export interface RuleEditing {
  readonly name: string
  readonly text: string
  /** Counts how often the text was replaced from outside of the editors. */
  readonly replaced: number
  readonly isChanged: boolean
  readonly isSaving: boolean
  readonly isSavedNow: boolean
  readonly canSave: boolean
  readonly failed: Error | undefined
  readonly conflict: SavedMeanwhile | undefined
  readonly nameProblem: string
  readonly write: (text: string) => void
  readonly rename: (name: string) => void
  readonly save: () => void
  readonly discard: () => void
  readonly resolve: (resolution: Resolution) => void
}

/** The steps of saving, as they stand. */
interface Progress {
  readonly isSaving: boolean
  readonly isSavedNow: boolean
  readonly failed: Error | undefined
  readonly conflict: SavedMeanwhile | undefined
  readonly replaced: number
}

const QUIET: Progress = {
  isSaving: false,
  isSavedNow: false,
  failed: undefined,
  conflict: undefined,
  replaced: 0,
}

/** Writes a rule that the server has. What is written is kept until it is saved or discarded. */
export function useSavedRule(detail: RuleDetail): RuleEditing {
  const client = useQueryClient()
  const [draft, setDraft] = useDraft(detail.immutableId)
  const [progress, setProgress] = useState(QUIET)
  const saved = textOfRule(detail.document)
  const text = draft?.text ?? saved
  const base = draft?.base ?? { etag: detail.etag, text: saved }
  const step = (changed: Partial<Progress>): void => setProgress((before) => ({ ...before, ...changed }))
  const keep = (next: string, from = base): void => {
    setDraft(
      next === from.text && from.etag === detail.etag ? undefined : { name: detail.name, text: next, base: from },
    )
  }
  const save = async (): Promise<void> => {
    const read = readRuleText(text, detail.name)
    if (read.kind === 'broken' || read.problems.length > 0) return
    step({ isSaving: true, isSavedNow: false, failed: undefined, conflict: undefined })
    try {
      await saveRule(detail.id, read.document, base.etag)
      await forgetRules(client)
      setDraft(undefined)
      step({ isSaving: false, isSavedNow: true })
    } catch (error) {
      const conflict = isConflict(error) ? await meanwhile(detail, base.text, read.document) : undefined
      step({ isSaving: false, conflict, failed: conflict === undefined ? asError(error) : undefined })
    }
  }
  const resolve = (resolution: Resolution): void => {
    const { conflict, replaced } = progress
    if (conflict === undefined) return
    const theirs = textOfRule(conflict.theirs.document)
    const from = { etag: conflict.theirs.etag, text: theirs }
    const ways = { base: conflict.base, mine: conflict.mine, theirs: conflict.theirs.document }
    const next = { merge: () => textOfRule(mergeRules(ways).document), mine: () => text, theirs: () => theirs }[
      resolution
    ]()
    setDraft(resolution === 'theirs' ? undefined : { name: detail.name, text: next, base: from })
    step({ conflict: undefined, replaced: replaced + 1 })
    void forgetRules(client)
  }
  return {
    ...progress,
    name: detail.name,
    text,
    isChanged: text !== base.text,
    canSave: text !== base.text && !progress.isSaving && isSound(text, detail.name),
    nameProblem: '',
    write: (next) => {
      keep(next)
      if (progress.isSavedNow) step({ isSavedNow: false })
    },
    rename: () => undefined,
    save: () => void save(),
    discard: () => {
      setDraft(undefined)
      step({ ...QUIET, replaced: progress.replaced + 1 })
    },
    resolve,
  }
}

/** Writes a rule that is not there yet; `onSaved` is told its immutable id. */
export function useNewRule(onSaved: (immutableId: string) => void): RuleEditing {
  const client = useQueryClient()
  const [draft, setDraft] = useDraft(NEW_RULE)
  const [progress, setProgress] = useState(QUIET)
  const start: Draft = { name: '', text: textOfRule(emptyRule()), base: undefined }
  const { name, text } = draft ?? start
  const step = (changed: Partial<Progress>): void => setProgress((before) => ({ ...before, ...changed }))
  const isNamed = NAME.test(name)
  const save = async (): Promise<void> => {
    const read = readRuleText(text, name)
    if (read.kind === 'broken' || read.problems.length > 0) return
    step({ isSaving: true, failed: undefined })
    try {
      const immutableId = await createRule(name, read.document)
      setDraft(undefined)
      await forgetRules(client)
      onSaved(immutableId)
    } catch (error) {
      step({ isSaving: false, failed: isConflict(error) ? new Error(words.nameTaken) : asError(error) })
    }
  }
  return {
    ...progress,
    name,
    text,
    isChanged: draft !== undefined,
    canSave: isNamed && !progress.isSaving && isSound(text, name),
    nameProblem: name === '' || isNamed ? '' : words.nameWrong,
    write: (next) => setDraft({ name, text: next, base: undefined }),
    rename: (next) => {
      setDraft({ name: next, text, base: undefined })
      step({ failed: undefined })
    },
    save: () => void save(),
    discard: () => {
      setDraft(undefined)
      step({ ...QUIET, replaced: progress.replaced + 1 })
    },
    resolve: () => undefined,
  }
}

function isSound(text: string, name: string): boolean {
  const read = readRuleText(text, name)
  return read.kind === 'rule' && read.problems.length === 0
}

function isConflict(error: unknown): boolean {
  return error instanceof RequestFailed && error.status === 412
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}

/** Undefined where the server cannot tell now: what failed is told then. */
async function meanwhile(detail: RuleDetail, baseText: string, mine: unknown): Promise<SavedMeanwhile | undefined> {
  const theirs = await ruleDetail(detail.immutableId).catch(() => undefined)
  return theirs && { theirs, base: JSON.parse(baseText), mine }
}
