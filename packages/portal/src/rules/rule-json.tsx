import '../logs/logs.css'

import { type ReactNode, useEffect, useRef } from 'react'

import { ruleJsonWords as words } from '../words/rules.ts'
import { openJsonEditor } from './json-editor.ts'

export interface RuleJsonProps {
  /** The text at first; whoever replaces it gives the element another key. */
  readonly text: string
  readonly name: string
  readonly isReadOnly: boolean
  readonly onText: (text: string) => void
}

/** A rule as JSON: completed, explained, and its mistakes marked in their places. */
export function RuleJson({ text, name, isReadOnly, onText }: RuleJsonProps): ReactNode {
  const place = useRef<HTMLDivElement>(null)
  const first = useRef(text)
  const calls = useRef({ onText })
  useEffect(() => {
    calls.current = { onText }
  }, [onText])
  useEffect(() => {
    if (place.current === null) return undefined
    const tell = (next: string): void => {
      first.current = next
      calls.current.onText(next)
    }
    return openJsonEditor(place.current, { text: first.current, name, isReadOnly, onText: tell })
  }, [name, isReadOnly])
  return (
    <>
      <div className="rule-json" ref={place} data-testid="rule-json" />
      <p className="note" id="rule-json-help">
        {words.help}
      </p>
    </>
  )
}
