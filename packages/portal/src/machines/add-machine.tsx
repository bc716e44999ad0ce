import { Button, MessageBar, MessageBarBody } from '@fluentui/react-components'
import type { MachineView } from '@tidemark/model'
import { type ReactNode, useRef, useState } from 'react'

import { apiPath } from '../api/base-path.ts'
import { type EnrolmentLine, newEnrolment } from '../api/enrolment.ts'
import { useClock } from '../view/clock.ts'
import { CopyButton } from '../view/copy-button.tsx'
import { safeText } from '../view/text.ts'
import { machineWords as words } from '../words/machines.ts'

export interface AddMachineProps {
  readonly machines: readonly MachineView[]
  readonly onOpen: (machine: MachineView) => void
}

/** One line to copy to the machine, with a token that lets one machine in; the page says when it is known and reports. */
export function AddMachine({ machines, onOpen }: AddMachineProps): ReactNode {
  const clock = useClock()
  const [line, setLine] = useState<EnrolmentLine & { readonly madeMs: number }>()
  const [failed, setFailed] = useState('')
  const [isBusy, setBusy] = useState(false)
  const make = async (): Promise<void> => {
    setBusy(true)
    try {
      const madeMs = clock.nowMs()
      setLine({ ...(await newEnrolment()), madeMs })
      setFailed('')
    } catch (error) {
      setFailed(error instanceof Error ? error.message : String(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <div className="add-machine-text" data-testid="add-machine">
      <p>{words.addHelp}</p>
      {line === undefined ? (
        <p>
          <Button appearance="primary" disabled={isBusy} onClick={() => void make()}>
            {words.addMake}
          </Button>
        </p>
      ) : (
        <>
          <Command text={commandOf(line.token)} />
          <p className="note">{words.addOnce(line.lifeHours)}</p>
          <Arrivals machines={machines} sinceMs={line.madeMs} onOpen={onOpen} />
        </>
      )}
      {failed === '' ? null : (
        <MessageBar intent="error" layout="multiline">
          <MessageBarBody>{failed}</MessageBarBody>
        </MessageBar>
      )}
      <p>{words.addThis}</p>
      <Command text={words.addThisCommand} />
    </div>
  )
}

/** Under which address this page itself reaches the server is under which machines are told to reach it. */
function commandOf(token: string): string {
  const server = new URL(apiPath('/'), location.href).href.replace(/\/$/, '')
  return words.addCommand(server, token)
}

function Command({ text }: { readonly text: string }): ReactNode {
  const shown = useRef<HTMLElement>(null)
  return (
    <p className="command">
      <code ref={shown}>{text}</code>
      <CopyButton what={words.addCopy} text={text} shownIn={shown} />
    </p>
  )
}

/** Clocks of the browser and the server may differ by this much, in milliseconds. */
const SKEW_MS = 60_000

/** The machines that came after the line was made: first they are known, then they report. */
function Arrivals({ machines, sinceMs, onOpen }: AddMachineProps & { readonly sinceMs: number }): ReactNode {
  // What was there when the line was made is no arrival, whatever the clocks say.
  const [before] = useState(() => new Set(machines.map(({ resourceId }) => resourceId)))
  const arrived = machines.filter(
    ({ resourceId, registeredAt }) => !before.has(resourceId) && Date.parse(registeredAt) >= sinceMs - SKEW_MS,
  )
  return (
    <output className="arrivals" data-testid="arrivals">
      {arrived.length === 0 ? <span className="note">{words.waitingForIt}</span> : null}
      {arrived.map((machine) => (
        <MessageBar key={machine.resourceId} intent={machine.status === 'new' ? 'info' : 'success'}>
          <MessageBarBody>
            {(machine.status === 'new' ? words.isKnown : words.reports)(safeText(machine.computer).slice(0, 100))}{' '}
            <Button size="small" onClick={() => onOpen(machine)}>
              {words.show}
            </Button>
          </MessageBarBody>
        </MessageBar>
      ))}
    </output>
  )
}
