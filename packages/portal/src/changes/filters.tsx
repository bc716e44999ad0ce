import { Field, Input, Select } from '@fluentui/react-components'
import { type ReactNode, useState } from 'react'

import { TextFilter } from '../view/filter-fields.tsx'
import { changeWords as words } from '../words/changes.ts'
import type { ChangeSearch } from './change-view.ts'
import { localInput, parseLocalInput, spans, type TimeRange } from './span.ts'

/** What shall be different; undefined takes a filter away. */
export type SearchChange = { readonly [Name in keyof ChangeSearch]?: ChangeSearch[Name] | undefined }

export interface FiltersProps {
  readonly search: ChangeSearch
  /** The window of time that is shown now. */
  readonly range: TimeRange
  readonly onChange: (change: SearchChange) => void
}

/** When, and free text; what else narrows the view stands in the facets. */
export function Filters({ search, range, onChange }: FiltersProps): ReactNode {
  return (
    <search className="filters">
      <SpanChoice search={search} range={range} onChange={onChange} />
      {search.from === undefined ? null : (
        <CustomRange key={`${range.fromMs} ${range.toMs}`} range={range} onChange={onChange} />
      )}
      <TextFilter
        value={search.text ?? ''}
        hint={words.textHint}
        onChange={(text) => onChange({ text: text || undefined })}
      />
    </search>
  )
}

function SpanChoice({ search, range, onChange }: Pick<FiltersProps, 'search' | 'range' | 'onChange'>): ReactNode {
  return (
    <Field label={words.timeSpan}>
      <Select
        title={words.zone(new Intl.DateTimeFormat().resolvedOptions().timeZone)}
        value={search.from === undefined ? (search.span ?? '24h') : 'custom'}
        onChange={(_, { value }) => {
          const span = Object.keys(spans).find((name): name is keyof typeof spans => name === value)
          if (span === undefined) onChange({ from: wholeSecond(range.fromMs), to: wholeSecond(range.toMs) })
          else onChange({ span, from: undefined, to: undefined })
        }}
      >
        {Object.keys(spans).map((name) => (
          <option key={name} value={name}>
            {words.lastSpan(name)}
          </option>
        ))}
        <option value="custom">{words.customSpan}</option>
      </Select>
    </Field>
  )
}

function wholeSecond(atMs: number): number {
  return Math.floor(atMs / 1_000) * 1_000
}

function CustomRange({ range, onChange }: Pick<FiltersProps, 'range' | 'onChange'>): ReactNode {
  const [from, setFrom] = useState(localInput(range.fromMs))
  const [to, setTo] = useState(localInput(range.toMs))
  const [fromMs, toMs] = [parseLocalInput(from), parseLocalInput(to)]
  const isRange = fromMs !== undefined && toMs !== undefined && fromMs < toMs
  // A second is shorter than what the fields tell, so what they did not change stays exact.
  const isOther = isRange && (Math.abs(fromMs - range.fromMs) >= 1_000 || Math.abs(toMs - range.toMs) >= 1_000)
  const take = (): void => {
    if (isOther) onChange({ from: fromMs, to: toMs })
  }
  const problem = isRange ? {} : { validationMessage: words.wrongRange }
  return (
    <>
      <Field label={words.from}>
        <Input type="datetime-local" step={1} value={from} onChange={(_, { value }) => setFrom(value)} onBlur={take} />
      </Field>
      <Field label={words.to} {...problem}>
        <Input type="datetime-local" step={1} value={to} onChange={(_, { value }) => setTo(value)} onBlur={take} />
      </Field>
    </>
  )
}
