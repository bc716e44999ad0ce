import { type ReactNode, useState } from 'react'

import { LongText } from '../view/long-text.tsx'
import { safeText } from '../view/text.ts'
import { logsWords as words } from '../words/logs.ts'

/** Members that one level shows; how many more there are is said below them. */
export const MEMBERS_MAX = 200

/** A nested value: each level opens into its members, the first one is open. */
export function NestedValue({
  value,
  isOpen = true,
}: {
  readonly value: unknown
  readonly isOpen?: boolean
}): ReactNode {
  const [opened, setOpened] = useState(isOpen)
  if (typeof value !== 'object' || value === null)
    return <LongText text={typeof value === 'string' ? value : JSON.stringify(value)} />
  const members: readonly (readonly [string, unknown])[] = Object.entries(value)
  const isList = Array.isArray(value)
  if (members.length === 0) return isList ? '[]' : '{}'
  return (
    <details className="nested" open={opened} onToggle={(event) => setOpened(event.currentTarget.open)}>
      <summary>{isList ? words.elements(members.length) : words.members(members.length)}</summary>
      {/* Members are made when they are looked at: a value may have very many. */}
      {opened ? (
        <ul>
          {members.slice(0, MEMBERS_MAX).map(([name, member]) => (
            <li key={name}>
              <span className="nested-name">{safeText(name)}:</span> <NestedValue value={member} isOpen={false} />
            </li>
          ))}
          {members.length > MEMBERS_MAX ? <li className="note">{words.more(members.length - MEMBERS_MAX)}</li> : null}
        </ul>
      ) : null}
    </details>
  )
}
