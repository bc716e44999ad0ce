import { Button, Field, Input, Subtitle2 } from '@fluentui/react-components'
import { entrySettings, type RuleSection, ruleSections } from '@tidemark/model'
import type { ReactNode } from 'react'

import { Empty } from '../view/states.tsx'
import { formWords as words } from '../words/rules.ts'
import { EntryList } from './entry-list.tsx'
import { type FormRule, problemAt } from './form-rule.ts'
import { editedText, partsOf, readRuleText, settingsPath, trackingText, valueAt, wordsAt } from './rule-text.ts'
import { SettingField } from './setting-field.tsx'

export interface RuleFormProps {
  readonly text: string
  readonly name: string
  readonly isReadOnly: boolean
  readonly onText: (text: string) => void
}

/** A rule as a form; each field changes its place in the text, and nothing else. Nothing while the text is no JSON. */
export function RuleForm({ text, name, isReadOnly, onText }: RuleFormProps): ReactNode {
  const read = readRuleText(text, name)
  if (read.kind === 'broken') return null
  const settings = settingsPath(read.document)
  if (settings === undefined)
    return (
      <>
        <Empty title={words.noTracking}>{words.noTrackingHelp}</Empty>
        {isReadOnly ? null : (
          <div className="toolbar">
            <Button appearance="primary" onClick={() => onText(trackingText(text))}>
              {words.addTracking}
            </Button>
          </div>
        )}
      </>
    )
  const start = settings.length
  const problems = new Map<string, string>()
  for (const { where, message } of read.problems) {
    const place = partsOf(where).slice(start).join('.')
    if (!problems.has(place)) problems.set(place, message)
  }
  const rule: FormRule = { text, document: read.document, settings, problems, isReadOnly, onText }
  return (
    <div className="rule-form">
      <Field label={words.description}>
        <Input
          value={wordsAt(read.document, ['properties', 'description'])}
          readOnly={isReadOnly}
          onChange={(_, { value }) =>
            onText(editedText(text, ['properties', 'description'], value === '' ? undefined : value))
          }
        />
      </Field>
      <Part title={words.parts.what}>
        <Settings rule={rule} places={['']} />
      </Part>
      <Part title={words.parts.files}>
        <EntryList rule={rule} settings={entrySettings} />
        <Settings rule={rule} places={['fileSettings']} />
      </Part>
      <Part title={words.parts.software}>
        <Settings rule={rule} places={['softwareSettings']} />
      </Part>
      <Part title={words.parts.services}>
        <Settings rule={rule} places={['servicesSettings']} />
      </Part>
      <Part title={words.parts.inventory}>
        <Settings rule={rule} places={['inventorySettings']} />
      </Part>
      <Part title={words.parts.budget}>
        <Settings rule={rule} places={['fileSettings.budget']} />
      </Part>
    </div>
  )
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactNode {
  return (
    <fieldset className="rule-part">
      <legend>
        <Subtitle2>{title}</Subtitle2>
      </legend>
      {children}
    </fieldset>
  )
}

function Settings({ rule, places }: { readonly rule: FormRule; readonly places: readonly string[] }): ReactNode {
  const sections = ruleSections.filter(({ place }) => places.includes(place))
  return <div className="rule-settings">{sections.flatMap((section) => fieldsOf(rule, section))}</div>
}

function fieldsOf(
  { text, document, settings, problems, isReadOnly, onText }: FormRule,
  section: RuleSection,
): ReactNode[] {
  const inside = section.place === '' ? [] : section.place.split('.')
  return section.settings.map((setting) => {
    const place = [...inside, setting.name]
    return (
      <SettingField
        key={place.join('.')}
        setting={setting}
        value={valueAt(document, [...settings, ...place])}
        problem={problemAt(problems, place.join('.'))}
        isReadOnly={isReadOnly}
        onValue={(value) => onText(editedText(text, [...settings, ...place], value))}
      />
    )
  })
}
