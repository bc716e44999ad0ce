import { Button, DrawerBody, DrawerHeader, DrawerHeaderTitle, OverlayDrawer } from '@fluentui/react-components'
import { Dismiss24Regular } from '@fluentui/react-icons'
import type { ReactNode } from 'react'

import { LongText } from './long-text.tsx'
import { useKeptFocus, useReturnFocus } from './return-focus.ts'
import { stateWords as words } from '../words/states.ts'

export interface SidePaneProps {
  readonly title: string
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly testId: string
  readonly children: ReactNode
}

/** What slides in beside a table; Escape, the cross and a click beside it close it, and the focus goes back. */
export function SidePane({ title, isOpen, onClose, testId, children }: SidePaneProps): ReactNode {
  useReturnFocus(isOpen)
  const body = useKeptFocus<HTMLDivElement>(isOpen)
  return (
    <OverlayDrawer
      className="side-pane"
      position="end"
      size="medium"
      open={isOpen}
      onOpenChange={(_, { open }) => open || onClose()}
      data-testid={testId}
    >
      <DrawerHeader>
        <DrawerHeaderTitle
          action={<Button appearance="subtle" aria-label={words.close} icon={<Dismiss24Regular />} onClick={onClose} />}
        >
          {title}
        </DrawerHeaderTitle>
      </DrawerHeader>
      <DrawerBody>
        <div ref={body} tabIndex={-1}>
          {children}
        </div>
      </DrawerBody>
    </OverlayDrawer>
  )
}

/** Names with their values, one a line; what is empty is left out. */
export function Facts({ facts }: { readonly facts: readonly (readonly [name: string, value: string])[] }): ReactNode {
  return (
    <table className="properties">
      <tbody>
        {facts
          .filter(([, value]) => value !== '')
          .map(([name, value]) => (
            <tr key={name} data-testid="property">
              <th scope="row">{name}</th>
              <td>
                <LongText text={value} />
              </td>
            </tr>
          ))}
      </tbody>
    </table>
  )
}
