import {
  Button,
  Field,
  Input,
  MessageBar,
  MessageBarBody,
  Spinner,
  Tab,
  TabList,
  Title2,
} from '@fluentui/react-components'
import type { RuleDetail } from '@tidemark/model'
import { lazy, type ReactNode, Suspense } from 'react'

import { RequestFailed } from '../api/client.ts'
import { useClock } from '../view/clock.ts'
import { Empty, Failure, Loading } from '../view/states.tsx'
import { agoText, safeText } from '../view/text.ts'
import { ruleWords as words } from '../words/rules.ts'
import { BackToRules } from './back.tsx'
import { Conflict } from './conflict.tsx'
import { DeleteRule } from './delete-rule.tsx'
import { NEW_RULE } from './drafts.ts'
import { ForecastTab } from './forecast-tab.tsx'
import { HistoryTab } from './history-tab.tsx'
import { MachinesTab } from './machines-tab.tsx'
import { Mistakes } from './mistakes.tsx'
import { RuleForm } from './rule-form.tsx'
import { readRuleText } from './rule-text.ts'
import { type RulesChange, type RulesSearch, type RuleTab, ruleTabs } from './rules-view.ts'
import { type RuleEditing, useNewRule, useSavedRule } from './use-editing.ts'
import { useMayWrite, useRule } from './use-rules.ts'

const RuleJson = lazy(async () => ({ default: (await import('./rule-json.tsx')).RuleJson }))

interface PlaceProps {
  readonly search: RulesSearch
  readonly onChange: (changed: RulesChange) => void
}

/** A rule that the server has. */
export function SavedRule({ rule, ...place }: PlaceProps & { readonly rule: string }): ReactNode {
  const { data, error, refetch } = useRule(rule)
  const isGone = error instanceof RequestFailed && error.status === 404
  if (data !== undefined && !isGone) return <Opened {...place} detail={data} />
  return (
    <section className="page">
      <BackToRules onChange={place.onChange} />
      {isGone ? <Empty title={words.gone}>{words.goneHelp}</Empty> : null}
      {error && !isGone ? <Failure error={error} retry={() => void refetch()} /> : null}
      {error ? null : <Loading />}
    </section>
  )
}

function Opened({ detail, search, onChange }: PlaceProps & { readonly detail: RuleDetail }): ReactNode {
  const editing = useSavedRule(detail)
  const nowMs = useClock().nowMs()
  const { version, savedAt, savedBy } = detail
  return (
    <section className="page rule" aria-labelledby="title">
      <BackToRules onChange={onChange} />
      <div className="rule-head">
        <div>
          <Title2 as="h1" id="title">
            {safeText(detail.name)}
          </Title2>
          <p className="note">{words.savedBy(version, agoText(savedAt, nowMs), safeText(savedBy))}</p>
        </div>
        <Actions editing={editing}>
          <DeleteRule detail={detail} onDeleted={() => onChange({ rule: undefined, tab: undefined })} />
        </Actions>
      </div>
      {editing.conflict ? <Conflict conflict={editing.conflict} editing={editing} /> : null}
      <Body editing={editing} detail={detail} search={search} onChange={onChange} />
    </section>
  )
}

/** A rule that is not there yet. */
export function NewRule({ search, onChange }: PlaceProps): ReactNode {
  const editing = useNewRule((immutableId) => onChange({ rule: immutableId, tab: search.tab }))
  return (
    <section className="page rule" aria-labelledby="title">
      <BackToRules onChange={onChange} />
      <div className="rule-head">
        <Title2 as="h1" id="title">
          {words.add}
        </Title2>
        <Actions editing={editing} />
      </div>
      <Field
        label={words.name}
        required
        className="rule-name"
        {...(editing.nameProblem === '' ? { hint: words.nameHint } : { validationMessage: editing.nameProblem })}
      >
        <Input value={editing.name} maxLength={64} onChange={(_, { value }) => editing.rename(value)} />
      </Field>
      <Body editing={editing} detail={undefined} search={search} onChange={onChange} />
    </section>
  )
}

function Actions({ editing, children }: { readonly editing: RuleEditing; readonly children?: ReactNode }): ReactNode {
  const mayWrite = useMayWrite()
  if (mayWrite === false) return <p className="note">{words.readOnly}</p>
  const { isChanged, isSaving, canSave, save, discard } = editing
  return (
    <div className="toolbar">
      <output className="rule-changed" data-testid="rule-changed">
        {isChanged ? words.changed : ''}
      </output>
      <Button appearance="primary" disabled={!canSave} onClick={save}>
        {isSaving ? words.saving : words.save}
      </Button>
      <Button disabled={!isChanged || isSaving} onClick={discard}>
        {words.discard}
      </Button>
      {children}
    </div>
  )
}

interface BodyProps extends PlaceProps {
  readonly editing: RuleEditing
  readonly detail: RuleDetail | undefined
}

function Body({ editing, detail, search, onChange }: BodyProps): ReactNode {
  const tab = search.tab ?? 'form'
  const read = readRuleText(editing.text, editing.name)
  return (
    <>
      {editing.failed ? <Failure error={editing.failed} retry={editing.save} /> : null}
      {editing.isSavedNow ? (
        <MessageBar intent="success" data-testid="rule-saved">
          <MessageBarBody>{words.savedNow}</MessageBarBody>
        </MessageBar>
      ) : null}
      <TabList
        selectedValue={tab}
        onTabSelect={(_, { value }) => onChange({ tab: ruleTabs.find((one) => one === value) })}
      >
        {ruleTabs.map((one) => (
          <Tab key={one} value={one}>
            {words.tabs[one]}
          </Tab>
        ))}
      </TabList>
      <Mistakes read={read} onJson={tab === 'json' ? undefined : () => onChange({ tab: 'json' })} />
      <div className="rule-body">
        <Shown tab={tab} {...{ editing, detail, search, onChange }} />
      </div>
    </>
  )
}

function Shown({ tab, editing, detail, search, onChange }: BodyProps & { readonly tab: RuleTab }): ReactNode {
  const mayWrite = useMayWrite() !== false
  switch (tab) {
    case 'form':
      return <RuleForm text={editing.text} name={editing.name} onText={editing.write} isReadOnly={!mayWrite} />
    case 'json':
      return (
        <Suspense fallback={<Spinner size="tiny" />}>
          <RuleJson
            key={`${detail?.immutableId ?? NEW_RULE} ${editing.replaced}`}
            text={editing.text}
            name={editing.name}
            onText={editing.write}
            isReadOnly={!mayWrite}
          />
        </Suspense>
      )
    case 'forecast':
      return <ForecastTab text={editing.text} name={editing.name} mayAsk={mayWrite} />
    case 'machines':
      return <MachinesTab detail={detail} isReadOnly={!mayWrite} />
    case 'history':
      return <HistoryTab detail={detail} search={search} onChange={onChange} isReadOnly={!mayWrite} />
  }
}
