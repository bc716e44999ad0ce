import { Button } from '@fluentui/react-components'
import { type ReactNode, useState } from 'react'

import { safeText } from './text.ts'
import { stateWords as words } from '../words/states.ts'

/** Characters of a value that are shown before somebody asks for all. */
export const SHOWN_CHARACTERS_MAX = 600

/** A value of any length and from anybody: harmless as text, and only its beginning until all is asked for. */
export function LongText({ text }: { readonly text: string }): ReactNode {
  const [isOpen, setOpen] = useState(false)
  if (text.length <= SHOWN_CHARACTERS_MAX) return safeText(text)
  return (
    <>
      {safeText(isOpen ? text : text.slice(0, SHOWN_CHARACTERS_MAX))}
      {isOpen ? ' ' : '… '}
      <Button size="small" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {isOpen ? words.showLess : words.showAll(text.length)}
      </Button>
    </>
  )
}
