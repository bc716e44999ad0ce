import { Field, Input, Select } from '@fluentui/react-components'
import { type ReactNode, useEffect, useRef, useState } from 'react'

import { later, useClock } from './clock.ts'
import { safeText } from './text.ts'
import { stateWords as words } from '../words/states.ts'

export interface ChoiceProps {
  readonly label: string
  /** Undefined is all. */
  readonly value: string | undefined
  readonly values: readonly string[]
  readonly onChange: (value: string | undefined) => void
}

/** One of some values, or all of them. A value that is chosen stays in the list even where it is not known (yet). */
export function Choice({ label, value, values, onChange }: ChoiceProps): ReactNode {
  const told = value === undefined || values.includes(value) ? values : [...values, value]
  return (
    <Field label={label}>
      <Select value={value ?? ''} onChange={(_, data) => onChange(data.value || undefined)}>
        <option value="">{words.all}</option>
        {told.map((one) => (
          <option key={one} value={one}>
            {safeText(one)}
          </option>
        ))}
      </Select>
    </Field>
  )
}

/** How long typing may rest before it counts, in milliseconds. */
const TYPING_MS = 250

export interface TextFilterProps {
  readonly value: string
  readonly hint: string
  readonly onChange: (value: string) => void
}

/** A text that is told when typing rests. */
export function TextFilter({ value, hint, onChange }: TextFilterProps): ReactNode {
  const clock = useClock()
  const waiting = useRef<AbortController>(undefined)
  const [typed, setTyped] = useState(value)
  const [told, setTold] = useState(value)
  const [seen, setSeen] = useState(value)
  if (seen !== value) {
    setSeen(value)
    // Another value than the one that was told came from elsewhere, the back button for example.
    if (value !== told) {
      setTold(value)
      setTyped(value)
    }
  }
  useEffect(() => () => waiting.current?.abort(), [])
  const type = (text: string): void => {
    setTyped(text)
    waiting.current?.abort()
    waiting.current = new AbortController()
    const tell = (): void => {
      setTold(text)
      onChange(text)
    }
    later(clock, tell, { afterMs: TYPING_MS, signal: waiting.current.signal })
  }
  return (
    <Field label={words.text}>
      <Input type="search" value={typed} placeholder={hint} onChange={(_, data) => type(data.value)} />
    </Field>
  )
}
