import { type ReactNode, type RefObject, useEffect, useRef } from 'react'

import { logsWords as words } from '../words/logs.ts'
import { type CodeEditor, openCodeEditor } from './code-editor.ts'

export interface EditorProps {
  /** The text at first. */
  readonly text: string
  readonly onRun: () => void
  /** Where the editor is put for whoever works with it; undefined while there is none. */
  readonly editorRef: RefObject<CodeEditor | undefined>
}

/** The editor for queries. Its text is its own: it survives answers, failures and what the address says. */
export function Editor({ text, onRun, editorRef }: EditorProps): ReactNode {
  const place = useRef<HTMLDivElement>(null)
  const first = useRef(text)
  const calls = useRef({ onRun })
  useEffect(() => {
    calls.current = { onRun }
  }, [onRun])
  useEffect(() => {
    if (place.current === null) return undefined
    const opened = openCodeEditor(place.current, {
      text: first.current,
      onRun: () => calls.current.onRun(),
    })
    editorRef.current = opened
    return () => {
      first.current = opened.text()
      editorRef.current = undefined
      opened.destroy()
    }
  }, [editorRef])
  return (
    <>
      <div className="editor" ref={place} data-testid="editor" />
      <p className="note" id="editor-help">
        {words.editorHelp}
      </p>
    </>
  )
}
