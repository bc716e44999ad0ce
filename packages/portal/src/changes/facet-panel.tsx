import { type ReactNode, useState } from 'react'

import { toggled } from '../view/address.ts'
import { useNarrow } from '../view/narrow.ts'
import { safeText } from '../view/text.ts'
import { changeWords as words } from '../words/changes.ts'
import type { ChangeSearch } from './change-view.ts'
import { type Facet, facets, type FacetValue } from './facets.ts'
import type { SearchChange } from './filters.tsx'
import type { FacetValues } from './use-changes.ts'

export interface FacetPanelProps {
  readonly search: ChangeSearch
  readonly values: FacetValues | undefined
  readonly onChange: (change: SearchChange) => void
}

/** What the view can be narrowed by, with how many changes each value would leave. On narrow pages it opens on demand. */
export function FacetPanel(props: FacetPanelProps): ReactNode {
  const isNarrow = useNarrow()
  // Nothing is known at first: lines stand there that are no sections, so that none moves when all come at once.
  const all =
    props.values === undefined
      ? WAITING.map((line) => <div key={line} className="facet-waiting" />)
      : facets.map((facet) => <FacetSection key={facet.id} facet={facet} {...props} />)
  if (!isNarrow)
    return (
      <aside className="facets" aria-label={words.filters}>
        {all}
      </aside>
    )
  return (
    <details className="facets">
      <summary>{words.filters}</summary>
      {all}
    </details>
  )
}

/** Values that a facet shows until more are asked for. */
const SHOWN_MAX = 6

/** Lines that stand where values will be. */
const WAITING = Array.from({ length: 16 }, (_, line) => line)

function FacetSection({ facet, search, values, onChange }: FacetPanelProps & { readonly facet: Facet }): ReactNode {
  const [isWhole, setWhole] = useState(false)
  const found = values?.[facet.id]
  const told = withChosen(facet, search, found ?? [])
  // What a facet cannot narrow by is left out.
  if (told.length === 0 && (facet.id !== 'prefix' || search.prefix === undefined)) return null
  const shown = isWhole ? told : told.slice(0, SHOWN_MAX)
  return (
    <fieldset data-testid={`facet-${facet.id}`}>
      <legend>{facet.title}</legend>
      {facet.id === 'prefix' ? <Upwards prefix={search.prefix} onChange={onChange} /> : null}
      {shown.map((one) => (
        <FacetLine key={one.value} facet={facet} value={one} search={search} onChange={onChange} />
      ))}
      {told.length > SHOWN_MAX ? (
        <button type="button" className="text-button" onClick={() => setWhole(!isWhole)}>
          {isWhole ? words.facetLess : words.facetMore(told.length - SHOWN_MAX)}
        </button>
      ) : null}
    </fieldset>
  )
}

/** The values, and those that are chosen even where no change has them now. */
function withChosen({ id }: Facet, search: ChangeSearch, found: readonly FacetValue[]): readonly FacetValue[] {
  if (id === 'prefix') return found.filter(({ value }) => value !== '')
  const missing = (search[id] ?? []).filter((value) => !found.some((one) => one.value === value))
  return [...found, ...missing.map((value) => ({ value, label: value, count: 0 }))]
}

interface FacetLineProps {
  readonly facet: Facet
  readonly value: FacetValue
  readonly search: ChangeSearch
  readonly onChange: (change: SearchChange) => void
}

function FacetLine({ facet: { id }, value: { value, label, count }, search, onChange }: FacetLineProps): ReactNode {
  const text = safeText(label)
  const told = <span className="count">{count.toLocaleString()}</span>
  if (id === 'prefix')
    return (
      <button
        type="button"
        className="facet-line"
        title={safeText(`${search.prefix ?? ''}/${value}`)}
        onClick={() => onChange({ prefix: `${search.prefix ?? ''}/${value}` })}
      >
        <span className="facet-label">/{text}</span>
        {told}
      </button>
    )
  return (
    <label className="facet-line" title={text}>
      <input
        type="checkbox"
        checked={search[id]?.includes(value) ?? false}
        onChange={() => onChange({ [id]: toggled(search[id], value) })}
      />
      <span className="facet-label">{text}</span>
      {told}
    </label>
  )
}

function Upwards({
  prefix,
  onChange,
}: {
  readonly prefix: string | undefined
  readonly onChange: (change: SearchChange) => void
}): ReactNode {
  if (prefix === undefined) return null
  const parent = prefix.slice(0, prefix.lastIndexOf('/'))
  return (
    <>
      <p className="facet-here" title={safeText(prefix)}>
        {safeText(prefix)}
      </p>
      <button type="button" className="text-button" onClick={() => onChange({ prefix: parent || undefined })}>
        {safeText(words.upTo(parent))}
      </button>
    </>
  )
}
