import { Checkbox, Field, Input, Select, Textarea } from '@fluentui/react-components'
import type { RuleSetting } from '@tidemark/model'
import { type ReactNode, useState } from 'react'

import { bytesText } from '../view/text.ts'
import { formWords as words } from '../words/rules.ts'
import { secondsText } from './rules-view.ts'

export interface SettingFieldProps {
  readonly setting: RuleSetting
  /** What the document says; undefined where it says nothing. */
  readonly value: unknown
  readonly problem: string | undefined
  readonly isReadOnly: boolean
  /** Undefined takes it out of the document. */
  readonly onValue: (value: unknown) => void
}

/** One setting, as what it holds asks for. What the document says wrongly is shown as it stands there. */
export function SettingField(props: SettingFieldProps): ReactNode {
  const { setting, value, isReadOnly, onValue, problem } = props
  if (setting.kind === 'switch') {
    const isOn = typeof value === 'boolean' ? value : setting.otherwise
    return (
      <Field className="rule-switch" hint={hintOf(setting)} {...(problem ? { validationMessage: problem } : {})}>
        <Checkbox
          label={labelOf(setting)}
          checked={isOn}
          disabled={isReadOnly}
          onChange={(_, { checked }) => onValue(checked === true)}
        />
      </Field>
    )
  }
  const isRequired = setting.otherwise === undefined
  return (
    <Field
      label={labelOf(setting)}
      required={isRequired}
      hint={hintOf(setting, value)}
      {...(problem ? { validationMessage: problem } : {})}
    >
      <Control {...props} />
    </Field>
  )
}

function Control({ setting, value, isReadOnly, onValue }: SettingFieldProps): ReactNode {
  switch (setting.kind) {
    case 'choice': {
      const text = typeof value === 'string' ? value : setting.otherwise
      const known = setting.values.find((one) => one.toLowerCase() === text.toLowerCase())
      return (
        <Select value={known ?? text} disabled={isReadOnly} onChange={(_, data) => onValue(data.value)}>
          {[...setting.values, ...(known === undefined ? [text] : [])].map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </Select>
      )
    }
    case 'patterns':
    case 'folders':
      return <Lines value={value} isReadOnly={isReadOnly} onValue={onValue} />
    case 'seconds':
    case 'bytes':
    case 'number':
      return (
        <Input
          inputMode="numeric"
          value={textOf(value)}
          placeholder={String(setting.otherwise)}
          readOnly={isReadOnly}
          onChange={(_, data) => onValue(numberOf(data.value))}
        />
      )
    default:
      return (
        <Input
          value={textOf(value)}
          placeholder={String(setting.otherwise ?? '')}
          readOnly={isReadOnly}
          {...(setting.kind === 'path' ? { className: 'rule-path', spellCheck: false } : {})}
          onChange={(_, data) => onValue(data.value === '' && setting.otherwise !== undefined ? undefined : data.value)}
        />
      )
  }
}

/** Texts, one a line. Lines that are empty, or begun, are its own until they say something. */
function Lines({ value, isReadOnly, onValue }: Pick<SettingFieldProps, 'value' | 'isReadOnly' | 'onValue'>): ReactNode {
  const told = linesOf(value)
  const [typed, setTyped] = useState(told.join('\n'))
  const [seen, setSeen] = useState(told.join('\n'))
  const present = told.join('\n')
  if (seen !== present) {
    setSeen(present)
    if (written(typed).join('\n') !== present) setTyped(present)
  }
  return (
    <Textarea
      value={typed}
      readOnly={isReadOnly}
      resize="vertical"
      rows={Math.min(8, Math.max(2, told.length + 1))}
      spellCheck={false}
      className="rule-path"
      onChange={(_, data) => {
        setTyped(data.value)
        const lines = written(data.value)
        onValue(lines.length === 0 ? undefined : lines)
      }}
    />
  )
}

function written(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

function linesOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  return Array.isArray(value) ? value.map(textOf) : []
}

function textOf(value: unknown): string {
  if (value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** A number where it is one; else the text, so that nothing that was typed is lost and the mistake is told. */
function numberOf(text: string): unknown {
  if (text.trim() === '') return undefined
  return /^-?\d{1,15}$/.test(text.trim()) ? Number(text) : text
}

const labels: Readonly<Record<string, string>> = words.settings

/** What a setting is called on the form. */
export function labelOf({ name }: Pick<RuleSetting, 'name'>): string {
  return labels[name] ?? name
}

function hintOf(setting: RuleSetting, value?: unknown): string {
  const { meaning, isOurs } = setting
  const more = setting.kind === 'patterns' || setting.kind === 'folders' ? [words.onePerLine] : []
  return [meaning, ...more, amountOf(setting, value), isOurs ? words.ours : ''].filter((part) => part !== '').join(' ')
}

/** A number in a unit that people would take: `= 15 min`. */
function amountOf(setting: RuleSetting, value: unknown): string {
  if (setting.kind !== 'seconds' && setting.kind !== 'bytes') return ''
  const amount = typeof value === 'number' ? value : setting.otherwise
  if (amount <= 0) return ''
  const text = setting.kind === 'seconds' ? secondsText(amount) : bytesText(amount)
  return value === undefined ? words.otherwise(text) + '.' : `= ${text}.`
}
