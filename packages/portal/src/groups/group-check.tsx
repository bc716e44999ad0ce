import type { GroupCheckView } from '@tidemark/model'
import { type ReactNode, type RefObject, useEffect, useState } from 'react'

import { checkGroup } from '../api/groups.ts'
import type { CodeEditor } from '../logs/code-editor.ts'
import { later, useClock } from '../view/clock.ts'
import { safeText } from '../view/text.ts'
import { groupWords as words } from '../words/groups.ts'

/** How long typing rests before the query is checked, in milliseconds. */
const REST_MS = 400
/** Machines that are told by name. */
const NAMED_MAX = 20

export interface GroupCheckProps {
  readonly query: string
  /** Where mistakes are marked. */
  readonly editorRef: RefObject<CodeEditor | undefined>
}

interface Checked {
  readonly query: string
  readonly said: GroupCheckView | Error
}

/** Whether the query makes a group, and whose it would be, each time that typing rests. */
export function GroupCheck({ query, editorRef }: GroupCheckProps): ReactNode {
  const clock = useClock()
  const [checked, setChecked] = useState<Checked>()
  useEffect(() => {
    const stop = new AbortController()
    const check = async (): Promise<void> => {
      const said = await checkGroup(query, stop.signal).catch((error: unknown) =>
        error instanceof Error ? error : new Error(String(error)),
      )
      if (stop.signal.aborted) return
      setChecked({ query, said })
      editorRef.current?.mark(said instanceof Error ? [] : said.problems, 0)
    }
    later(clock, () => void check(), { afterMs: REST_MS, signal: stop.signal })
    return () => stop.abort()
  }, [query, clock, editorRef])
  return (
    <output className="group-check" data-testid="group-check">
      {checked === undefined || checked.query !== query ? words.checking : <Said said={checked.said} />}
    </output>
  )
}

function Said({ said }: { readonly said: GroupCheckView | Error }): ReactNode {
  if (said instanceof Error) return <span className="mistake">{said.message}</span>
  if (!said.isValid)
    return said.problems.length === 0 ? (
      <span className="mistake">{safeText(said.message)}</span>
    ) : (
      <ul className="mistake">
        {said.problems.map(({ line, column, message }) => (
          <li key={`${line} ${column} ${message}`}>{words.at(line, column, safeText(message))}</li>
        ))}
      </ul>
    )
  const named = said.machines.slice(0, NAMED_MAX)
  return (
    <>
      <strong>{words.valid(said.count)}</strong>
      <span className="note">
        {' '}
        {named.map(({ computer }) => safeText(computer).slice(0, 80)).join(', ')}
        {said.count > named.length ? ` ${words.more(said.count - named.length)}` : ''}
      </span>
    </>
  )
}
