import { Badge, Title2 } from '@fluentui/react-components'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactNode, useMemo, useState } from 'react'

import { type AnswerRow, machines, query } from '../api/client.ts'
import { Empty, Failure, Loading } from '../view/states.tsx'
import { safeText, timeText } from '../view/text.ts'
import { type TableColumn, VirtualTable } from '../view/virtual-table.tsx'
import { changedThing, changeQuery, type ChangeSearch, changeSummary, rangeOf, ROWS_MAX } from './change-view.ts'
import { Chart } from './chart.tsx'
import { ChangeDetails } from './details.tsx'
import { Filters, type FiltersProps } from './filters.tsx'
import { barsOf } from './span.ts'

const columns: readonly TableColumn<AnswerRow>[] = [
  { title: 'Time', width: '160px', cell: (row) => timeText(row['TimeGenerated']) },
  { title: 'Machine', width: 'minmax(80px, 160px)', cell: (row) => safeText(row['Computer']), isMinor: true },
  {
    title: 'Type',
    width: '90px',
    cell: (row) => <span className={`mark type-${row['ConfigChangeType']}`}>{row['ConfigChangeType']}</span>,
    isMinor: true,
  },
  {
    title: 'Category',
    width: '100px',
    cell: (row) => (
      <Badge appearance="tint" color={colourOf(row['ChangeCategory'])}>
        {row['ChangeCategory']}
      </Badge>
    ),
    isMinor: true,
  },
  {
    title: 'What',
    width: 'minmax(120px, 3fr)',
    cell: (row) => <span title={safeText(changedThing(row))}>{safeText(changedThing(row))}</span>,
  },
  { title: 'How', width: 'minmax(100px, 2fr)', cell: (row) => safeText(changeSummary(row)), isMinor: true },
]

function colourOf(category: unknown): 'success' | 'danger' | 'informative' {
  return category === 'Added' ? 'success' : category === 'Removed' ? 'danger' : 'informative'
}

/** *Change tracking*: what changed, when, on which machines. */
export function ChangesPage(): ReactNode {
  const search: ChangeSearch = useSearch({ from: '/' })
  const navigate = useNavigate({ from: '/' })
  const [opened, setOpened] = useState<AnswerRow>()
  const asked = useQuery({
    queryKey: ['live', 'changes', search],
    queryFn: async () => {
      const nowMs = Date.now()
      return { rows: await query(changeQuery(search, nowMs)), range: rangeOf(search, nowMs) }
    },
    placeholderData: keepPreviousData,
  })
  const known = useQuery({ queryKey: ['live', 'machines'], queryFn: machines })
  const data = asked.data
  const bars = useMemo(
    () =>
      data
        ? barsOf(
            data.rows.map((row) => ({
              atMs: Date.parse(String(row['TimeGenerated'])),
              type: String(row['ConfigChangeType']),
            })),
            data.range,
          )
        : [],
    [data],
  )
  const change: FiltersProps['onChange'] = (changed) => {
    const next = Object.fromEntries(
      Object.entries({ ...search, ...changed }).filter(([, value]) => value !== undefined),
    )
    navigate({ search: next, replace: true }).catch(() => undefined)
  }
  return (
    <section className="page" aria-labelledby="title">
      <Title2 as="h1" id="title">
        Change tracking
      </Title2>
      <Filters search={search} machines={(known.data ?? []).map(({ computer }) => computer)} onChange={change} />
      {asked.error ? <Failure error={asked.error} retry={() => void asked.refetch()} /> : null}
      {data === undefined ? (
        asked.error ? null : (
          <Loading />
        )
      ) : (
        <>
          <Chart
            bars={bars}
            range={data.range}
            isZoomed={search.from !== undefined}
            onZoom={({ fromMs, toMs }) => change({ from: fromMs, to: toMs })}
            onReset={() => change({ from: undefined, to: undefined })}
          />
          {data.rows.length === 0 ? (
            <NothingChanged isFiltered={Object.keys(search).some((name) => name !== 'span')} />
          ) : (
            <VirtualTable
              label="Changes, newest first"
              rows={data.rows}
              columns={columns}
              keyOf={(row) => String(row['RecordId'])}
              onOpen={setOpened}
              testId="change-row"
            />
          )}
          {data.rows.length === ROWS_MAX ? (
            <p>Only the newest {ROWS_MAX.toLocaleString()} are shown; filter or zoom to see others.</p>
          ) : null}
        </>
      )}
      <ChangeDetails row={opened} onClose={() => setOpened(undefined)} />
    </section>
  )
}

function NothingChanged({ isFiltered }: { readonly isFiltered: boolean }): ReactNode {
  return isFiltered ? (
    <Empty title="No change matches">Take a filter away, or choose a longer span.</Empty>
  ) : (
    <Empty title="Nothing changed">
      Changes appear here by themselves. To see one, change a tracked file, for example{' '}
      <code>touch /etc/example.conf</code> as root.
    </Empty>
  )
}
