import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  type Completion,
  type CompletionContext,
  completionKeymap,
  type CompletionResult,
} from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import {
  bracketMatching,
  HighlightStyle,
  StreamLanguage,
  type StreamParser,
  syntaxHighlighting,
} from '@codemirror/language'
import { type Diagnostic, linter, lintGutter } from '@codemirror/lint'
import { EditorState, type Extension } from '@codemirror/state'
import { drawSelection, EditorView, hoverTooltip, keymap, lineNumbers } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { getLocation } from 'jsonc-parser'

import { editorTheme } from '../logs/editor-theme.ts'
import { ruleJsonWords as words } from '../words/rules.ts'
import { readRuleText } from './rule-text.ts'
import { meaningAt, namesAt, valuesAt } from './schema-places.ts'

export interface JsonEditorOptions {
  readonly text: string
  readonly name: string
  readonly isReadOnly: boolean
  readonly onText: (text: string) => void
}

/** How soon mistakes are marked after typing rests, in milliseconds. */
const LINT_MS = 200

/** An editor for a rule's JSON inside of an element; returns what takes it away. */
export function openJsonEditor(parent: HTMLElement, options: JsonEditorOptions): () => void {
  const view = new EditorView({
    parent,
    state: EditorState.create({ doc: options.text, extensions: extensions(options) }),
  })
  return () => view.destroy()
}

function extensions({ name, isReadOnly, onText }: JsonEditorOptions): Extension {
  return [
    lineNumbers(),
    lintGutter(),
    history(),
    drawSelection(),
    bracketMatching(),
    closeBrackets(),
    StreamLanguage.define(json),
    syntaxHighlighting(colours),
    linter((view) => diagnostics(view.state.doc.toString(), name), { delay: LINT_MS }),
    autocompletion({ override: [completions] }),
    hoverTooltip(meaning),
    EditorView.lineWrapping,
    EditorState.readOnly.of(isReadOnly),
    EditorView.contentAttributes.of({ tabindex: '0', 'aria-label': words.label, 'aria-describedby': 'rule-json-help' }),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) onText(update.state.doc.toString())
    }),
    keymap.of([...closeBracketsKeymap, ...completionKeymap, ...defaultKeymap, ...historyKeymap, indentWithTab]),
    editorTheme,
  ]
}

function diagnostics(text: string, name: string): Diagnostic[] {
  const read = readRuleText(text, name)
  const unused = read.kind === 'rule' ? read.unused : []
  const at = (offset: number, length: number): { from: number; to: number } => ({
    from: Math.min(text.length, offset),
    to: Math.min(text.length, offset + Math.max(1, length)),
  })
  return [
    ...read.problems.map(({ offset, length, message }): Diagnostic => ({
      ...at(offset, length),
      severity: 'error',
      message,
    })),
    ...unused.map(({ offset, length, message }): Diagnostic => ({ ...at(offset, length), severity: 'info', message })),
  ]
}

function completions(context: CompletionContext): CompletionResult | null {
  const location = getLocation(context.state.doc.toString(), context.pos)
  const word = context.matchBefore(/"?[\w*-]*/)
  if (word === null || (word.from === word.to && !context.explicit)) return null
  const isClosed = context.state.sliceDoc(context.pos, context.pos + 1) === '"'
  const quoted = (text: string): string => (isClosed ? `"${text}` : `"${text}"`)
  const options: Completion[] = location.isAtPropertyKey
    ? namesAt(location.path.slice(0, -1)).map(({ name, meaning: info, otherwise }) => ({
        label: name,
        type: 'property',
        ...(otherwise === undefined ? {} : { detail: otherwise }),
        ...(info === undefined ? {} : { info }),
        apply: quoted(name),
      }))
    : valuesAt(location.path).map((value) => ({
        label: String(value),
        type: 'constant',
        apply: typeof value === 'string' ? quoted(value) : String(value),
      }))
  return options.length === 0
    ? null
    : { from: word.text.startsWith('"') ? word.from : word.from, options, filter: true }
}

function meaning(view: EditorView, position: number) {
  const { path, previousNode } = getLocation(view.state.doc.toString(), position)
  const told = meaningAt(path)
  if (told === undefined || previousNode === undefined) return null
  const text = told.otherwise === undefined ? told.meaning : `${told.meaning} ${words.otherwise(told.otherwise)}.`
  return {
    pos: previousNode.offset,
    end: previousNode.offset + previousNode.length,
    create: () => {
      const dom = document.createElement('div')
      dom.className = 'rule-hover'
      dom.textContent = text
      return { dom }
    },
  }
}

const json: StreamParser<null> = {
  startState: () => null,
  token: (stream) => {
    if (stream.eatSpace()) return null
    if (stream.match(/^"(?:[^"\\]|\\.)*"?/)) return stream.match(/^\s*:/, false) ? 'propertyName' : 'string'
    if (stream.match(/^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/)) return 'number'
    if (stream.match(/^(?:true|false|null)\b/)) return 'keyword'
    stream.next()
    return null
  },
}

const colours = HighlightStyle.define([
  { tag: tags.propertyName, class: 'kql-table' },
  { tag: tags.string, class: 'kql-string' },
  { tag: tags.number, class: 'kql-number' },
  { tag: tags.keyword, class: 'kql-keyword' },
])
