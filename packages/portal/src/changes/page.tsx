import './changes.css'

import { Title2 } from '@fluentui/react-components'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactNode, useCallback, useMemo, useState } from 'react'

import { NothingHere } from '../machines/no-machines.tsx'
import { changedAddress, toggled } from '../view/address.ts'
import { useClock } from '../view/clock.ts'
import { Empty, Failure, Loading } from '../view/states.tsx'
import { changeWords as words } from '../words/changes.ts'
import { type ChangeSearch, filtersOf, FIRST_ROWS_MAX, rangeOf, ROWS_MAX } from './change-view.ts'
import { Chart } from './chart.tsx'
import { ChangeTable } from './change-table.tsx'
import { Chips } from './chips.tsx'
import { changeColumns } from './columns.tsx'
import { ChangeDetails } from './details.tsx'
import { FacetPanel } from './facet-panel.tsx'
import { Filters, type SearchChange } from './filters.tsx'
import { Toolbar } from './toolbar.tsx'
import { type Changes, useChanges, useFacets } from './use-changes.ts'

const NO_FACTS = { operations: new Map(), isCut: false, lastRow: undefined }

/** *Change tracking*: what changed, when, on which machines. */
export function ChangesPage(): ReactNode {
  const search: ChangeSearch = useSearch({ from: '/' })
  const filters = filtersOf(search)
  const asked = useMoreChanges({ ...filters, ...(search.sort === undefined ? {} : { sort: search.sort }) })
  const known = useFacets(filters)
  const clock = useClock()
  const change = useSearchChange()
  const { data, error } = asked
  const columns = useMemo(() => changeColumns(NO_FACTS), [])
  return (
    <section className="page changes" aria-labelledby="title" aria-busy={asked.isPlaceholderData}>
      <div className="page-head">
        <Title2 as="h1" id="title">
          {words.title}
        </Title2>
        <Toolbar search={search} columns={columns} onChange={change} />
      </div>
      <Filters search={search} range={rangeOf(search, clock.nowMs())} onChange={change} />
      <Chips search={search} onChange={change} />
      <div className="beside">
        <FacetPanel search={search} values={known.data} onChange={change} />
        <div className="column">
          {error ? <Failure error={error} retry={() => void asked.refetch()} /> : null}
          {data ? <Shown search={search} changes={data} onChange={change} onEnd={asked.askForAll} /> : null}
          {data === undefined && !error ? <Loading hasChart /> : null}
        </div>
      </div>
      <ChangeDetails
        id={search.change}
        row={data?.rows.find((row) => row['RecordId'] === search.change)}
        onOpen={(id) => change({ change: id })}
        onClose={() => change({ change: undefined })}
      />
    </section>
  )
}

type AskedChanges = ReturnType<typeof useChanges> & { readonly askForAll: () => void }

/** The first rows; all that the table takes once somebody scrolled to their end, until the filters change. */
function useMoreChanges(filters: ChangeSearch): AskedChanges {
  const [whole, setWhole] = useState('')
  const key = JSON.stringify(filters)
  const rowsMax = whole === key ? ROWS_MAX : FIRST_ROWS_MAX
  const asked = useChanges(filters, rowsMax)
  const isFull = (asked.data?.rows.length ?? 0) >= FIRST_ROWS_MAX && asked.data?.answers === key
  const askForAll = useCallback(() => {
    if (isFull) setWhole(key)
  }, [isFull, key])
  return { ...asked, askForAll }
}

/** Writes what shall be different into the address. Only typing leaves no step to go back to. */
function useSearchChange(): (changed: SearchChange) => void {
  const navigate = useNavigate({ from: '/' })
  return useCallback(
    (changed) => {
      navigate({
        search: (before: ChangeSearch) => changedAddress(before, changed),
        replace: 'text' in changed && Object.keys(changed).length === 1,
      }).catch(() => undefined)
    },
    [navigate],
  )
}

interface ShownProps {
  readonly search: ChangeSearch
  readonly changes: Changes
  readonly onChange: (changed: SearchChange) => void
  readonly onEnd: () => void
}

function Shown({ search, changes, onChange, onEnd }: ShownProps): ReactNode {
  const { rows, bars, range, notice } = changes
  const reset = useCallback(() => onChange({ from: undefined, to: undefined }), [onChange])
  return (
    <>
      <Chart
        bars={bars}
        range={range}
        chosen={search.type}
        onType={(type) => onChange({ type: toggled(search.type, type) })}
        isZoomed={search.from !== undefined}
        onZoom={({ fromMs, toMs }) => onChange({ from: fromMs, to: toMs })}
        onReset={reset}
      />
      {rows.length === 0 ? (
        <NothingChanged isFiltered={Object.keys(filtersOf(search)).some((name) => name !== 'span')} />
      ) : (
        <ChangeTable key={changes.answers} search={search} changes={changes} onChange={onChange} onEnd={onEnd} />
      )}
      {rows.length >= ROWS_MAX ? <p className="note">{words.rowsMax(ROWS_MAX)}</p> : null}
      {notice === '' ? null : <p className="note">{notice}</p>}
    </>
  )
}

function NothingChanged({ isFiltered }: { readonly isFiltered: boolean }): ReactNode {
  return isFiltered ? (
    <Empty title={words.noMatch}>{words.noMatchHelp}</Empty>
  ) : (
    <NothingHere>
      <Empty title={words.nothing}>
        {words.nothingHelp} <code>{words.nothingCommand}</code> {words.nothingElse}
      </Empty>
    </NothingHere>
  )
}
