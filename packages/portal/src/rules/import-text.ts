import { type Problem } from '@tidemark/base'
import { type ImportedRule, readRuleImport } from '@tidemark/model'

import { NAME } from './rule-name.ts'
import { readRuleText } from './rule-text.ts'

/** A text that somebody wants to import, read. */
export type ImportedText =
  | { readonly kind: 'broken'; readonly line: number; readonly column: number; readonly message: string }
  | { readonly kind: 'read'; readonly rules: readonly ImportedRule[]; readonly notes: readonly Problem[] }

/** Reads it; `name` is for a rule that has none. Names that cannot be in an address are made ones that can. */
export function readImportText(text: string, name: string): ImportedText {
  const read = readRuleText(text, name)
  if (read.kind === 'broken') {
    const [first] = read.problems
    return { kind: 'broken', line: first?.line ?? 1, column: first?.column ?? 1, message: first?.message ?? '' }
  }
  const imported = readRuleImport(read.document, { name })
  if (imported.kind === 'rejected') return { kind: 'read', rules: [], notes: imported.problems }
  const rules = imported.value.rules.map((rule) => ({ ...rule, name: nameFor(rule.name) }))
  return { kind: 'read', rules, notes: imported.value.notes }
}

function nameFor(wanted: string): string {
  const name = wanted
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 64)
  return NAME.test(name) ? name : 'imported-rule'
}
