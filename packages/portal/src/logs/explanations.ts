import { type Extension, StateEffect, StateField } from '@codemirror/state'
import {
  closeHoverTooltips,
  type EditorView,
  hoverTooltip,
  keymap,
  showTooltip,
  type Tooltip,
  ViewPlugin,
  type ViewUpdate,
} from '@codemirror/view'
import type { Clock } from '@tidemark/base'
import type { QuerySignatureHelp } from '@tidemark/model'

import { meaningOf, signatureOf } from '../api/language.ts'
import { later } from '../view/clock.ts'

/** How long typing rests before it is asked which function is being called, in milliseconds. */
const REST_MS = 150
/** How long a pointer rests on a word before it is told what the word is, in milliseconds. */
const HOVER_MS = 350

const setTold = StateEffect.define<Tooltip | null>()

/** What stands beside the cursor: how the function there is called, or what the word there is. */
const told = StateField.define<Tooltip | null>({
  create: () => null,
  update: (before, { effects, docChanged, newDoc }) => {
    for (const effect of effects) if (effect.is(setTold)) return effect.value
    return docChanged && before !== null && before.pos > newDoc.length ? null : before
  },
  provide: (field) => showTooltip.from(field),
})

/**
 * Explains a query where it is written: how the function around the cursor is called while it is written, what a word is
 * under the pointer and on Ctrl+I. Without a server it explains nothing.
 */
export function explanations(clock: Clock): Extension {
  return [
    told,
    hoverTooltip(meaningUnder, { hoverTime: HOVER_MS }),
    ViewPlugin.define((view) => new Follower(view, clock)),
    keymap.of([
      { key: 'Mod-i', run: tellAtCursor, preventDefault: true },
      { key: 'Escape', run: close },
    ]),
  ]
}

function close(view: EditorView): boolean {
  if (view.state.field(told) === null) return false
  view.dispatch({ effects: [setTold.of(null), closeHoverTooltips] })
  return true
}

async function meaningUnder(view: EditorView, pos: number): Promise<Tooltip | null> {
  const word = view.state.wordAt(pos)
  if (word === null) return null
  const place = { query: view.state.doc.toString(), offset: pos }
  const text = await meaningOf(place, new AbortController().signal).catch(() => undefined)
  return text === undefined ? null : { pos: word.from, end: word.to, above: true, create: () => ({ dom: plain(text) }) }
}

function tellAtCursor(view: EditorView): boolean {
  const { head } = view.state.selection.main
  meaningUnder(view, head)
    .then((tooltip) => view.dispatch({ effects: setTold.of(tooltip) }))
    .catch(() => undefined)
  return true
}

/** Asks how the function around the cursor is called when the cursor rests. */
class Follower {
  readonly #view: EditorView
  readonly #clock: Clock
  #waiting = new AbortController()

  constructor(view: EditorView, clock: Clock) {
    this.#view = view
    this.#clock = clock
  }

  update({ docChanged, selectionSet, view, state }: ViewUpdate): void {
    if (!docChanged && !selectionSet) return
    this.#waiting.abort()
    this.#waiting = new AbortController()
    const { head } = state.selection.main
    const isMaybeCall = view.hasFocus && state.sliceDoc(0, head).includes('(')
    if (!isMaybeCall && state.field(told) === null) return
    const { signal } = this.#waiting
    const tell = (): void => void this.#tell(isMaybeCall, signal).catch(() => undefined)
    later(this.#clock, tell, { afterMs: REST_MS, signal })
  }

  async #tell(isMaybeCall: boolean, signal: AbortSignal): Promise<void> {
    const { state } = this.#view
    const place = { query: state.doc.toString(), offset: state.selection.main.head }
    const help = isMaybeCall ? await signatureOf(place, signal).catch(() => undefined) : undefined
    if (signal.aborted) return
    const tooltip: Tooltip | null =
      help === undefined ? null : { pos: place.offset, above: true, create: () => ({ dom: signatureDom(help) }) }
    if (tooltip !== null || this.#view.state.field(told) !== null) this.#view.dispatch({ effects: setTold.of(tooltip) })
  }

  destroy(): void {
    this.#waiting.abort()
  }
}

function plain(text: string): HTMLElement {
  const dom = document.createElement('div')
  dom.className = 'kql-told'
  dom.setAttribute('role', 'status')
  dom.textContent = text
  return dom
}

/** Each way to call the function, with the argument that is being written in bold. */
function signatureDom({ name, signatures, activeParameter }: QuerySignatureHelp): HTMLElement {
  const dom = plain('')
  // Ways that differ in the types of their arguments alone read the same.
  for (const { parameters } of new Map(signatures.map((one) => [one.label, one])).values()) {
    const line = document.createElement('div')
    line.append(`${name}(`)
    for (const [index, parameter] of parameters.entries()) {
      const part = document.createElement(index === activeParameter ? 'strong' : 'span')
      part.textContent = parameter
      line.append(...(index === 0 ? [] : [', ']), part)
    }
    line.append(')')
    dom.append(line)
  }
  return dom
}
