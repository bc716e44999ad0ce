import { Button, ProgressBar } from '@fluentui/react-components'
import { parseExtensionSettings } from '@tidemark/model'
import { type ReactNode, useState } from 'react'

import { useMachines } from '../machines/use-machines.ts'
import { useClock } from '../view/clock.ts'
import { Failure, Loading } from '../view/states.tsx'
import { forecastWords as words } from '../words/rules.ts'
import { ForecastTable } from './forecast-table.tsx'
import { MachineFinder } from './machine-finder.tsx'
import { readRuleText, settingsPath, valueAt } from './rule-text.ts'
import { type Asking, useForecast } from './use-forecast.ts'

/** Machines that may be asked at a time; the server takes no more. */
const ASKED_MAX = 50

export interface ForecastTabProps {
  readonly text: string
  readonly name: string
  readonly mayAsk: boolean
}

/** What the rule, as it stands in the editor, would track on chosen machines. */
export function ForecastTab({ text, name, mayAsk }: ForecastTabProps): ReactNode {
  const { data: machines, error, refetch } = useMachines()
  const [chosen, setChosen] = useState<ReadonlySet<string> | undefined>()
  const asking = useForecast()
  const read = readRuleText(text, name)
  const path = read.kind === 'rule' ? settingsPath(read.document) : undefined
  const settings = read.kind === 'rule' && path !== undefined ? (valueAt(read.document, path) ?? {}) : undefined
  const isSound = read.problems.length === 0 && settings !== undefined
  if (error) return <Failure error={error} retry={() => void refetch()} />
  if (machines === undefined) return <Loading />
  const ids =
    chosen ??
    new Set(
      machines
        .filter(({ status }) => status === 'healthy' || status === 'degraded')
        .slice(0, 5)
        .map(({ resourceId }) => resourceId),
    )
  const toggle = (id: string): void => {
    const next = new Set(ids)
    if (!next.delete(id) && next.size < ASKED_MAX) next.add(id)
    setChosen(next)
  }
  return (
    <div className="forecast">
      <p className="note">{words.help}</p>
      {machines.length === 0 ? <p className="note">{words.noMachines}</p> : null}
      {machines.length === 0 || !mayAsk ? null : (
        <>
          <MachineFinder
            label={words.choose}
            machines={machines}
            chosen={ids}
            onToggle={({ resourceId }) => toggle(resourceId)}
          />
          <div className="toolbar">
            <Button
              appearance="primary"
              disabled={!isSound || ids.size === 0 || asking.isAsking}
              onClick={() => asking.ask(settings, [...ids])}
            >
              {asking.view ? words.again : words.ask}
            </Button>
            {asking.isAsking ? <Button onClick={asking.stop}>{words.stop}</Button> : null}
            <span className="note">{isSound ? words.chosen(ids.size, ASKED_MAX) : words.mistakes}</span>
          </div>
        </>
      )}
      {asking.failed ? <Failure error={asking.failed} retry={() => asking.ask(settings, [...ids])} /> : null}
      <Answers asking={asking} settings={settings} />
    </div>
  )
}

function Answers({ asking, settings }: { readonly asking: Asking; readonly settings: unknown }): ReactNode {
  const nowMs = useClock().nowMs()
  const { view } = asking
  if (view === undefined) return asking.isAsking ? <Loading /> : null
  const answered = view.machines.filter(({ state }) => state === 'answered' || state === 'failed').length
  const left = Math.max(0, Math.ceil((Date.parse(view.deadlineAt) - nowMs) / 1_000))
  const isOutdated = settings !== undefined && JSON.stringify(settings) !== asking.settings
  const asked = parseExtensionSettings(JSON.parse(asking.settings ?? '{}')).settings
  return (
    <>
      <div className="forecast-progress">
        <output data-testid="forecast-progress">
          {words.progress(answered, view.machines.length)}
          {view.isDone ? '' : `; ${words.waitingFor(left)}`}
        </output>
        {view.isDone ? null : <ProgressBar aria-label={words.title} value={answered} max={view.machines.length} />}
      </div>
      {isOutdated ? <p className="forecast-outdated">{words.outdated}</p> : null}
      <ForecastTable machines={view.machines} settings={asked} />
    </>
  )
}
