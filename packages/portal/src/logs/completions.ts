import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete'
import type { EditorView } from '@codemirror/view'
import type { QueryCompletions } from '@tidemark/model'

import { completionsOf } from '../api/language.ts'
import { completionsAt } from './kql-language.ts'

/** How CodeMirror calls the kinds, which gives each its picture. */
const TYPES: Readonly<Record<QueryCompletions['items'][number]['kind'], string>> = {
  column: 'property',
  function: 'function',
  keyword: 'keyword',
  operator: 'keyword',
  table: 'class',
  type: 'type',
  value: 'text',
  variable: 'variable',
}

/** What may stand at the cursor, as the server's language service tells it; while that is away, the names of the tables. */
export async function completionSource(context: CompletionContext): Promise<CompletionResult | null> {
  const before = context.matchBefore(/[\w-]+|["'(|]\s*/)
  if (before === null && !context.explicit) return null
  const asking = new AbortController()
  context.addEventListener('abort', () => asking.abort(), { onDocChange: true })
  try {
    const place = { query: context.state.doc.toString(), offset: context.pos }
    return resultOf(await completionsOf(place, asking.signal))
  } catch {
    return context.aborted ? null : completionsAt(context)
  }
}

function resultOf({ from, to, items }: QueryCompletions): CompletionResult | null {
  if (items.length === 0) return null
  return { from, to, options: items.map(optionOf), validFor: /^["']?[\w-]*$/ }
}

/** The service's order goes before the alphabet's: what fits best comes first. */
function optionOf(item: QueryCompletions['items'][number], index: number): Completion {
  const { label, before, after, kind } = item
  return {
    // What is typed is compared with what will be written: values have quotes, functions a parenthesis.
    label: before.trimEnd(),
    displayLabel: label,
    type: TYPES[kind],
    detail: kind,
    boost: Math.max(-98, -index / 5),
    apply: (view: EditorView, _option: Completion, start: number, end: number) => {
      view.dispatch({
        changes: { from: start, to: end, insert: before + after },
        selection: { anchor: start + before.length },
        userEvent: 'input.complete',
      })
    },
  }
}
