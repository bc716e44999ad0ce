import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap, indentWithTab, toggleComment } from '@codemirror/commands'
import { bracketMatching, HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import { type Diagnostic, lintGutter, setDiagnostics } from '@codemirror/lint'
import { EditorState, type Extension } from '@codemirror/state'
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import type { Clock } from '@tidemark/base'
import type { QueryProblem } from '@tidemark/model'

import { completionSource } from './completions.ts'
import { explanations } from './explanations.ts'
import { editorTheme } from './editor-theme.ts'
import { kqlLanguage } from './kql-language.ts'

/** What the page does with the editor. */
export interface CodeEditor {
  /** The text that is selected, else all of it, with where it begins. */
  selected(): { readonly text: string; readonly offset: number }
  text(): string
  /** Puts another text into its place; can be undone. */
  replace(text: string): void
  /** Puts a name where the cursor is, and the cursor behind it. */
  insert(text: string): void
  /** Marks mistakes; `offset` is where the text that was run begins in the editor's. */
  mark(problems: readonly QueryProblem[], offset: number): void
  destroy(): void
}

export interface CodeEditorOptions {
  readonly text: string
  /** What the field is called for who does not see it. */
  readonly label: string
  readonly clock: Clock
  readonly onRun: () => void
  /** Called with the text whenever it changes. */
  readonly onChange?: ((text: string) => void) | undefined
  /** Shift+Alt+F. */
  readonly onFormat: () => void
}

/** An editor for KQL inside of an element. */
export function openCodeEditor(parent: HTMLElement, options: CodeEditorOptions): CodeEditor {
  const state = EditorState.create({ doc: options.text, extensions: extensions(options) })
  const view = new EditorView({ parent, state })
  return {
    selected: () => {
      const { from, to } = view.state.selection.main
      if (from === to) return { text: view.state.doc.toString(), offset: 0 }
      return { text: view.state.sliceDoc(from, to), offset: from }
    },
    text: () => view.state.doc.toString(),
    replace: (next) => {
      if (next === view.state.doc.toString()) return
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next } })
    },
    insert: (name) => {
      view.dispatch(view.state.replaceSelection(name))
      view.focus()
    },
    mark: (problems, offset) => {
      const marks = problems.map((problem) => diagnostic(problem, offset, view.state.doc.length))
      view.dispatch(setDiagnostics(view.state, marks))
    },
    destroy: () => view.destroy(),
  }
}

function extensions({ label, clock, onRun, onChange, onFormat }: CodeEditorOptions): Extension {
  const run = (work: () => void) => (): boolean => {
    work()
    return true
  }
  return [
    lineNumbers(),
    lintGutter(),
    history(),
    drawSelection(),
    highlightActiveLine(),
    bracketMatching(),
    closeBrackets(),
    kqlLanguage,
    syntaxHighlighting(colours),
    autocompletion({ override: [completionSource], activateOnCompletion: () => true }),
    explanations(clock),
    EditorView.updateListener.of(({ docChanged, state }) => docChanged && onChange?.(state.doc.toString())),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ 'aria-label': label, 'aria-describedby': 'editor-help' }),
    keymap.of([
      { key: 'Mod-Enter', run: run(onRun) },
      { key: 'Shift-Enter', run: run(onRun) },
      { key: 'Shift-Alt-f', run: run(onFormat) },
      { key: 'Mod-/', run: toggleComment },
      ...closeBracketsKeymap,
      ...completionKeymap,
      ...defaultKeymap,
      ...historyKeymap,
      indentWithTab,
    ]),
    editorTheme,
  ]
}

function diagnostic({ message, ...at }: QueryProblem, offset: number, end: number): Diagnostic {
  const from = Math.min(end, at.offset + offset)
  return { from, to: Math.min(end, from + Math.max(1, at.length)), severity: 'error', message }
}

const colours = HighlightStyle.define([
  { tag: tags.comment, class: 'kql-comment' },
  { tag: tags.string, class: 'kql-string' },
  { tag: tags.number, class: 'kql-number' },
  { tag: tags.keyword, class: 'kql-keyword' },
  { tag: tags.typeName, class: 'kql-table' },
  { tag: tags.function(tags.variableName), class: 'kql-function' },
])
