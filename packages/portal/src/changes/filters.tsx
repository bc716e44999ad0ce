import { Field, Input, Select } from '@fluentui/react-components'
import { changeCategories } from '@tidemark/model'
import { type ReactNode, useEffect, useState } from 'react'

import { type ChangeSearch, types } from './change-view.ts'
import { spans } from './span.ts'

export interface FiltersProps {
  readonly search: ChangeSearch
  readonly machines: readonly string[]
  readonly onChange: (change: { readonly [Name in keyof ChangeSearch]?: ChangeSearch[Name] | undefined }) => void
}

/** Span, type, category, machine and text. */
export function Filters({ search, machines, onChange }: FiltersProps): ReactNode {
  return (
    <div className="filters" role="search">
      <Field label="Time span">
        <Select
          value={search.from === undefined ? (search.span ?? '24h') : 'chosen'}
          onChange={(_, { value }) =>
            onChange({
              span: Object.keys(spans).find((name): name is keyof typeof spans => name === value),
              from: undefined,
              to: undefined,
            })
          }
        >
          {search.from === undefined ? null : <option value="chosen">as zoomed</option>}
          {Object.keys(spans).map((name) => (
            <option key={name} value={name}>
              last {name}
            </option>
          ))}
        </Select>
      </Field>
      <Choice label="Change type" value={search.type} values={types} onChange={(type) => onChange({ type })} />
      <Choice
        label="Category"
        value={search.category}
        values={changeCategories}
        onChange={(category) => onChange({ category })}
      />
      <Choice label="Machine" value={search.machine} values={machines} onChange={(machine) => onChange({ machine })} />
      <TextFilter value={search.text ?? ''} onChange={(text) => onChange({ text: text || undefined })} />
    </div>
  )
}

export function Choice({
  label,
  value,
  values,
  onChange,
}: {
  readonly label: string
  readonly value: string | undefined
  readonly values: readonly string[]
  readonly onChange: (value: string | undefined) => void
}): ReactNode {
  return (
    <Field label={label}>
      <Select value={value ?? ''} onChange={(_, data) => onChange(data.value || undefined)}>
        <option value="">all</option>
        {values.map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </Select>
    </Field>
  )
}

/** How long typing may rest before it counts, in milliseconds. */
const TYPING_MS = 250

export function TextFilter({
  value,
  onChange,
}: {
  readonly value: string
  readonly onChange: (value: string) => void
}): ReactNode {
  const [typed, setTyped] = useState(value)
  useEffect(() => setTyped(value), [value])
  useEffect(() => {
    if (typed === value) return undefined
    const timer = setTimeout(() => onChange(typed), TYPING_MS)
    return () => clearTimeout(timer)
  }, [typed, value, onChange])
  return (
    <Field label="Text">
      <Input
        type="search"
        value={typed}
        placeholder="path, package, daemon…"
        onChange={(_, data) => setTyped(data.value)}
      />
    </Field>
  )
}
