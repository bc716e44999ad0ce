import { Title2 } from '@fluentui/react-components'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactNode, useCallback } from 'react'

import type { AnswerRow } from '../api/client.ts'
import { useMachines } from '../machines/use-machines.ts'
import { useClock } from '../view/clock.ts'
import { Empty, Failure, Loading } from '../view/states.tsx'
import { VirtualTable } from '../view/virtual-table.tsx'
import { type ChangeSearch, filtersOf, rangeOf, ROWS_MAX } from './change-view.ts'
import { Chart } from './chart.tsx'
import { columns } from './columns.tsx'
import { ChangeDetails } from './details.tsx'
import { Filters, type SearchChange } from './filters.tsx'
import { type Changes, useChanges } from './use-changes.ts'

const keyOf = (row: AnswerRow): string => String(row['RecordId'])

/** *Change tracking*: what changed, when, on which machines. */
export function ChangesPage(): ReactNode {
  const search: ChangeSearch = useSearch({ from: '/' })
  const asked = useChanges(filtersOf(search))
  const known = useMachines()
  const clock = useClock()
  const change = useSearchChange()
  const { data, error } = asked
  const range = rangeOf(search, clock.nowMs())
  return (
    <section className="page" aria-labelledby="title" aria-busy={asked.isPlaceholderData}>
      <Title2 as="h1" id="title">
        Change tracking
      </Title2>
      <Filters
        search={search}
        range={range}
        machines={(known.data ?? []).map(({ computer }) => computer)}
        accounts={data?.accounts ?? []}
        onChange={change}
      />
      {error ? <Failure error={error} retry={() => void asked.refetch()} /> : null}
      {data ? <Shown search={search} changes={data} onChange={change} /> : null}
      {data === undefined && !error ? <Loading /> : null}
      <ChangeDetails
        id={search.change}
        row={data?.rows.find((row) => row['RecordId'] === search.change)}
        onClose={() => change({ change: undefined })}
      />
    </section>
  )
}

/** Writes what shall be different into the address. Only typing leaves no step to go back to. */
function useSearchChange(): (changed: SearchChange) => void {
  const navigate = useNavigate({ from: '/' })
  return useCallback(
    (changed) => {
      const search = (before: ChangeSearch): ChangeSearch =>
        Object.fromEntries(Object.entries({ ...before, ...changed }).filter(([, value]) => value !== undefined))
      navigate({ search, replace: 'text' in changed }).catch(() => undefined)
    },
    [navigate],
  )
}

interface ShownProps {
  readonly search: ChangeSearch
  readonly changes: Changes
  readonly onChange: (changed: SearchChange) => void
}

function Shown({ search, changes, onChange }: ShownProps): ReactNode {
  const { rows, bars, range, answers, notice } = changes
  const reset = useCallback(() => onChange({ from: undefined, to: undefined }), [onChange])
  return (
    <>
      <Chart
        bars={bars}
        range={range}
        type={search.type}
        onType={(type) => onChange({ type })}
        isZoomed={search.from !== undefined}
        onZoom={({ fromMs, toMs }) => onChange({ from: fromMs, to: toMs })}
        onReset={reset}
      />
      {rows.length === 0 ? (
        <NothingChanged isFiltered={Object.keys(filtersOf(search)).some((name) => name !== 'span')} />
      ) : (
        <VirtualTable
          key={answers}
          label="Changes, newest first"
          rows={rows}
          columns={columns}
          keyOf={keyOf}
          onOpen={(row) => onChange({ change: keyOf(row) })}
          testId="change-row"
        />
      )}
      {rows.length >= ROWS_MAX ? (
        <p className="note">The table has the newest {ROWS_MAX.toLocaleString()}; filter or zoom to see others.</p>
      ) : null}
      {notice === '' ? null : <p className="note">{notice}</p>}
    </>
  )
}

function NothingChanged({ isFiltered }: { readonly isFiltered: boolean }): ReactNode {
  return isFiltered ? (
    <Empty title="No change matches">Take a filter away, or choose a longer span.</Empty>
  ) : (
    <Empty title="Nothing changed">
      Changes appear here by themselves. To see one, change a tracked file, for example{' '}
      <code>touch /etc/example.conf</code> as root, or choose a longer span.
    </Empty>
  )
}
