import { Badge, Field, Input } from '@fluentui/react-components'
import type { MachineView } from '@tidemark/model'
import { type ReactNode, useState } from 'react'

import { safeText } from '../view/text.ts'
import { forecastWords as words } from '../words/rules.ts'

/** Machines that are offered at a time; whoever means another one types more of its name. */
const OFFERED_MAX = 12

export interface MachineFinderProps {
  readonly label: string
  readonly machines: readonly MachineView[]
  /** ARM ids of those that are chosen already. */
  readonly chosen: ReadonlySet<string>
  readonly onToggle: (machine: MachineView) => void
}

/** Machines by a part of their name; each is a button that chooses it, or lets it go. */
export function MachineFinder({ label, machines, chosen, onToggle }: MachineFinderProps): ReactNode {
  const [text, setText] = useState('')
  const wanted = text.toLowerCase()
  const matching = machines.filter(({ computer }) => computer.toLowerCase().includes(wanted))
  const first = matching.filter(({ resourceId }) => chosen.has(resourceId))
  const others = matching.filter(({ resourceId }) => !chosen.has(resourceId))
  return (
    <div className="machine-finder">
      <Field label={label}>
        <Input type="search" value={text} placeholder={words.find} onChange={(_, { value }) => setText(value)} />
      </Field>
      <div className="machine-choices">
        {[...first, ...others].slice(0, Math.max(OFFERED_MAX, first.length)).map((machine) => (
          <button
            key={machine.resourceId}
            type="button"
            className="machine-choice"
            aria-pressed={chosen.has(machine.resourceId)}
            data-testid="machine-choice"
            onClick={() => onToggle(machine)}
          >
            {safeText(machine.computer).slice(0, 100)}
            {machine.status === 'silent' || machine.status === 'new' ? (
              <Badge appearance="outline" size="small">
                {words.silent}
              </Badge>
            ) : null}
          </button>
        ))}
      </div>
    </div>
  )
}
