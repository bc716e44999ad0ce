import { Button } from '@fluentui/react-components'
import { Checkmark16Regular, Copy16Regular } from '@fluentui/react-icons'
import { type ReactNode, type RefObject, useState } from 'react'
import { stateWords as words } from '../words/states.ts'

export interface CopyButtonProps {
  /** What is copied, said to those who cannot see it: `command line`. */
  readonly what: string
  readonly text: string
  /** Where the text stands: it is selected where the browser gives pages no clipboard, as over plain HTTP. */
  readonly shownIn: RefObject<HTMLElement | null>
}

/** Copies a text, or selects it so that the viewer can; says which of both. */
export function CopyButton({ what, text, shownIn }: CopyButtonProps): ReactNode {
  const [said, setSaid] = useState('')
  const select = (): void => {
    if (shownIn.current) getSelection()?.selectAllChildren(shownIn.current)
    setSaid(words.selected)
  }
  const copy = (): void => {
    // Not there over plain HTTP, whatever the declarations say (Clipboard API, "secure context").
    const clipboard: Clipboard | undefined = navigator.clipboard
    if (clipboard === undefined) return select()
    clipboard.writeText(text).then(() => setSaid(words.copied), select)
  }
  return (
    <span className="copy">
      <Button
        size="small"
        appearance="subtle"
        aria-label={words.copy(what)}
        icon={said === words.copied ? <Checkmark16Regular /> : <Copy16Regular />}
        onClick={copy}
      />
      <output>{said}</output>
    </span>
  )
}
