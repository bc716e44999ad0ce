import { Tab, TabList } from '@fluentui/react-components'
import type { MachineView } from '@tidemark/model'
import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'

import type { AnswerRow } from '../api/answer-row.ts'
import { query } from '../api/client.ts'
import { LIVE } from '../api/use-live.ts'
import { changedThing, changeSummary } from '../changes/properties.ts'
import { useClock } from '../view/clock.ts'
import { Moment } from '../view/moment.tsx'
import { Facts } from '../view/side-pane.tsx'
import { Failure, Loading } from '../view/states.tsx'
import { safeText } from '../view/text.ts'
import { machineWords as words } from '../words/machines.ts'
import { GapsTab } from './gaps-tab.tsx'
import { gapsIn } from './gaps.ts'
import { gapsQuery, lastChangesQuery, ruleVersionsQuery } from './machine-queries.ts'
import { machineFacts } from './machine-view.tsx'

const parts = ['overview', 'changes', 'gaps'] as const
type Part = (typeof parts)[number]

/** A machine: how it goes, its last changes, what it could not see, and the way to its inventory. */
export function MachineDetails({ machine }: { readonly machine: MachineView }): ReactNode {
  const [part, setPart] = useState<Part>('overview')
  const nowMs = useClock().nowMs()
  const { computer } = machine
  const gaps = useRows('TidemarkVisibility', gapsQuery(computer))
  const versions = useRows('Heartbeat', ruleVersionsQuery(computer))
  const ruleVersions = String(versions.data?.[0]?.['RuleVersions'] ?? '')
  return (
    <>
      <p className="facts">
        <Link to="/" search={{ machine: [computer] }}>
          {words.allChanges}
        </Link>
        <Link to="/inventory" search={{ machine: [computer], by: 'machine' }}>
          {words.inventory}
        </Link>
      </p>
      <TabList
        size="small"
        selectedValue={part}
        onTabSelect={(_, { value }) => setPart(parts.find((one) => one === value) ?? 'overview')}
      >
        <Tab value="overview">{words.overview}</Tab>
        <Tab value="changes">{words.changes}</Tab>
        <Tab value="gaps">{words.gapsTab(gaps.data?.length)}</Tab>
      </TabList>
      {part === 'overview' ? (
        <Facts facts={[...machineFacts(machine, nowMs), [words.ruleVersions, ruleVersions]]} />
      ) : null}
      {part === 'changes' ? <LastChanges computer={computer} /> : null}
      {part === 'gaps' ? <Asked asked={gaps}>{(rows) => <GapsTab gaps={gapsIn(rows)} />}</Asked> : null}
    </>
  )
}

function useRows(table: string, text: string): UseQueryResult<readonly AnswerRow[]> {
  return useQuery({
    queryKey: [LIVE, table, text],
    queryFn: async ({ signal }) => (await query(text, signal)).rows,
    structuralSharing: false,
  })
}

function Asked({
  asked: { data, error, refetch },
  children,
}: {
  readonly asked: UseQueryResult<readonly AnswerRow[]>
  readonly children: (rows: readonly AnswerRow[]) => ReactNode
}): ReactNode {
  if (error) return <Failure error={error} retry={() => void refetch()} />
  return data === undefined ? <Loading /> : children(data)
}

function LastChanges({ computer }: { readonly computer: string }): ReactNode {
  const asked = useRows('ConfigurationChange', lastChangesQuery(computer))
  return (
    <Asked asked={asked}>
      {(rows) =>
        rows.length === 0 ? (
          <p className="note">{words.noChanges}</p>
        ) : (
          <table className="properties related">
            <thead>
              <tr>
                <th scope="col">{words.time}</th>
                <th scope="col">{words.item}</th>
                <th scope="col">{words.what}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={String(row['RecordId'])} data-testid="machine-change">
                  <td>
                    <Moment time={row['TimeGenerated']} />
                  </td>
                  <td>
                    <Link to="/" search={{ machine: [computer], span: '30d', change: String(row['RecordId']) }}>
                      {safeText(changedThing(row)).slice(0, 300)}
                    </Link>
                  </td>
                  <td>
                    {safeText(row['ChangeCategory'])} {safeText(changeSummary(row)).slice(0, 200)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )
      }
    </Asked>
  )
}
