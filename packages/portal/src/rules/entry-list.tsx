import { Badge, Button, Checkbox, Input } from '@fluentui/react-components'
import {
  Add20Regular,
  ArrowDown20Regular,
  ArrowUp20Regular,
  ChevronDown20Regular,
  ChevronRight20Regular,
  Copy20Regular,
  Delete20Regular,
} from '@fluentui/react-icons'
import { FILE_ENTRIES_MAX, type RuleSetting } from '@tidemark/model'
import { type ReactNode, useState } from 'react'

import { safeText } from '../view/text.ts'
import { formWords as words } from '../words/rules.ts'
import { AddSet } from './add-set.tsx'
import { type FormRule, problemAt } from './form-rule.ts'
import { appendedText, editedText, movedText, valueAt, wordsAt } from './rule-text.ts'
import { SettingField } from './setting-field.tsx'

/** Entries that are shown at first, and again with each “show more”. */
const ENTRIES_STEP = 50
/** From how many entries on there is a field that finds one. */
const FOUND_FROM = 10

interface ListProps {
  readonly rule: FormRule
  /** What an entry may say. */
  readonly settings: readonly RuleSetting[]
}

/** The paths that a rule tracks: a line each, which opens into its fields. */
export function EntryList({ rule, settings }: ListProps): ReactNode {
  const [open, setOpen] = useState<number | undefined>()
  const [text, setText] = useState('')
  const [shownMax, setShownMax] = useState(ENTRIES_STEP)
  const { isReadOnly, onText } = rule
  const path = [...rule.settings, 'fileSettings', 'fileInfo']
  const list = valueAt(rule.document, path)
  const entries: readonly unknown[] = Array.isArray(list) ? list : []
  const wanted = text.toLowerCase()
  const matching = [...entries.entries()].filter(([, entry]) => titleOf(entry).toLowerCase().includes(wanted))
  const add = (): void => {
    onText(appendedText(rule.text, path, [{ name: freeName(entries, words.newEntry), destinationPath: '/' }]))
    setOpen(entries.length)
    setShownMax(Math.max(shownMax, entries.length + 1))
    setText('')
  }
  return (
    <div className="rule-entries">
      <div className="toolbar">
        <span>{words.entries(entries.length)}</span>
        {isReadOnly ? null : (
          <>
            <Button size="small" icon={<Add20Regular />} disabled={entries.length >= FILE_ENTRIES_MAX} onClick={add}>
              {words.addEntry}
            </Button>
            <AddSet rule={rule} entries={entries} />
          </>
        )}
        {entries.length < FOUND_FROM ? null : (
          <Input
            type="search"
            size="small"
            value={text}
            aria-label={words.filter}
            placeholder={words.filter}
            onChange={(_, { value }) => setText(value)}
          />
        )}
      </div>
      {entries.length === 0 ? <p className="note">{words.noEntries}</p> : null}
      <ul>
        {matching.slice(0, shownMax).map(([index, entry]) => (
          <li key={index} data-testid="rule-entry">
            <Entry
              {...{ rule, settings, entries, entry, index }}
              isOpen={open === index}
              onOpen={(isOpen, at = index) => setOpen(isOpen ? at : undefined)}
            />
          </li>
        ))}
      </ul>
      {matching.length <= shownMax ? null : (
        <Button onClick={() => setShownMax(shownMax + ENTRIES_STEP)}>{words.more(matching.length - shownMax)}</Button>
      )}
      {entries.length < 2 ? null : <p className="note">{words.order}</p>}
    </div>
  )
}

interface EntryProps extends ListProps {
  readonly entries: readonly unknown[]
  readonly entry: unknown
  readonly index: number
  readonly isOpen: boolean
  readonly onOpen: (isOpen: boolean, at?: number) => void
}

function Entry(props: EntryProps): ReactNode {
  const { rule, settings, entry, index, isOpen, onOpen } = props
  const path = [...rule.settings, 'fileSettings', 'fileInfo', index]
  const name = nameOf(entry)
  const isEnabled = valueAt(entry, ['enabled']) !== false
  const place = `fileSettings.fileInfo.${index}`
  const hasProblem = problemAt(rule.problems, place) !== undefined
  return (
    <>
      <div className={isEnabled ? 'rule-entry' : 'rule-entry off'}>
        <Checkbox
          aria-label={`${words.settings.enabled}: ${name}`}
          checked={isEnabled}
          disabled={rule.isReadOnly}
          onChange={(_, { checked }) => rule.onText(editedText(rule.text, [...path, 'enabled'], checked === true))}
        />
        <button
          type="button"
          aria-expanded={isOpen}
          title={isOpen ? words.close(name) : words.edit(name)}
          onClick={() => onOpen(!isOpen)}
        >
          {isOpen ? <ChevronDown20Regular /> : <ChevronRight20Regular />}
          <span className="rule-entry-name">{name}</span>
          <code>{safeText(wordsAt(entry, ['destinationPath'])).slice(0, 200)}</code>
          <EntryMarks entry={entry} isEnabled={isEnabled} hasProblem={hasProblem} />
        </button>
        {rule.isReadOnly ? null : <EntryActions {...props} name={name} />}
      </div>
      {isOpen ? (
        <div className="rule-settings rule-entry-fields">
          {settings
            .filter((setting) => setting.name !== 'enabled')
            .map((setting) => (
              <SettingField
                key={setting.name}
                setting={setting}
                value={valueAt(entry, [setting.name])}
                problem={problemAt(rule.problems, `${place}.${setting.name}`)}
                isReadOnly={rule.isReadOnly}
                onValue={(value) => rule.onText(editedText(rule.text, [...path, setting.name], value))}
              />
            ))}
        </div>
      ) : null}
    </>
  )
}

function EntryMarks({
  entry,
  isEnabled,
  hasProblem,
}: {
  readonly entry: unknown
  readonly isEnabled: boolean
  readonly hasProblem: boolean
}): ReactNode {
  return (
    <span className="rule-entry-marks">
      {isEnabled ? null : <Badge appearance="outline">{words.off}</Badge>}
      {valueAt(entry, ['uploadContent']) === true ? <Badge appearance="tint">{words.keepsContent}</Badge> : null}
      {hasProblem ? (
        <Badge appearance="filled" color="danger">
          !
        </Badge>
      ) : null}
    </span>
  )
}

function EntryActions({
  rule,
  entries,
  entry,
  index,
  name,
  onOpen,
  isOpen,
}: EntryProps & { readonly name: string }): ReactNode {
  const list = [...rule.settings, 'fileSettings', 'fileInfo']
  const move = (to: number): void => {
    rule.onText(movedText(rule.text, list, { from: index, to }))
    if (isOpen) onOpen(true, to)
  }
  const copy = (): void => {
    const twin = { ...(typeof entry === 'object' ? entry : {}), name: freeName(entries, words.copied(name)) }
    rule.onText(appendedText(rule.text, list, [twin]))
    onOpen(true, entries.length)
  }
  const remove = (): void => {
    rule.onText(editedText(rule.text, [...list, index], undefined))
    onOpen(false)
  }
  const actions = [
    { label: words.up(name), icon: <ArrowUp20Regular />, isOff: index === 0, run: () => move(index - 1) },
    {
      label: words.down(name),
      icon: <ArrowDown20Regular />,
      isOff: index === entries.length - 1,
      run: () => move(index + 1),
    },
    { label: words.copy(name), icon: <Copy20Regular />, isOff: entries.length >= FILE_ENTRIES_MAX, run: copy },
    { label: words.remove(name), icon: <Delete20Regular />, isOff: false, run: remove },
  ]
  return (
    <span className="rule-entry-actions">
      {actions.map(({ label, icon, isOff, run }) => (
        <Button
          key={label}
          size="small"
          appearance="subtle"
          aria-label={label}
          title={label}
          icon={icon}
          disabled={isOff}
          onClick={run}
        />
      ))}
    </span>
  )
}

function titleOf(entry: unknown): string {
  return `${nameOf(entry)} ${wordsAt(entry, ['destinationPath'])}`
}

function nameOf(entry: unknown): string {
  const name = valueAt(entry, ['name'])
  return safeText(typeof name === 'string' && name !== '' ? name : words.unnamed).slice(0, 200)
}

/** A name that no entry has yet. */
function freeName(entries: readonly unknown[], wanted: string): string {
  const taken = new Set(entries.map((entry) => valueAt(entry, ['name'])))
  let name = wanted
  for (let count = 2; taken.has(name); count += 1) name = `${wanted}-${count}`
  return name
}
