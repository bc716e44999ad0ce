import './editor.css'

import { type ReactNode, type RefObject, useEffect, useRef } from 'react'

import { formatted } from '../api/language.ts'
import { useClock } from '../view/clock.ts'
import { logsWords as words } from '../words/logs.ts'
import { type CodeEditor, openCodeEditor } from './code-editor.ts'

export interface EditorProps {
  /** The text at first. */
  readonly text: string
  readonly onRun: () => void
  /** What the field is called for who does not see it. */
  readonly label: string
  /** Called with the text whenever it changes. */
  readonly onChange?: (text: string) => void
  /** Where the editor is put for whoever works with it; undefined while there is none. */
  readonly editorRef: RefObject<CodeEditor | undefined>
}

/** Puts the formatted text in place of the one that is there, unless it changed meanwhile; where that fails it stays. */
export function format(editor: CodeEditor): void {
  const text = editor.text()
  const take = (next: string): void => {
    if (editor.text() === text) editor.replace(next)
  }
  formatted(text).then(take, () => undefined)
}

/** The editor for queries. Its text is its own: it survives answers, failures and what the address says. */
export function Editor({ text, label, onRun, onChange, editorRef }: EditorProps): ReactNode {
  const place = useRef<HTMLDivElement>(null)
  const first = useRef(text)
  const clock = useClock()
  const calls = useRef({ onRun, onChange })
  useEffect(() => {
    calls.current = { onRun, onChange }
  }, [onRun, onChange])
  useEffect(() => {
    if (place.current === null) return undefined
    const opened = openCodeEditor(place.current, {
      text: first.current,
      label,
      clock,
      onRun: () => calls.current.onRun(),
      onChange: (next) => calls.current.onChange?.(next),
      onFormat: () => format(opened),
    })
    editorRef.current = opened
    return () => {
      first.current = opened.text()
      editorRef.current = undefined
      opened.destroy()
    }
  }, [editorRef, label, clock])
  return (
    <>
      <div className="editor" ref={place} data-testid="editor" />
      <p className="note" id="editor-help">
        {words.editorHelp}
      </p>
    </>
  )
}
