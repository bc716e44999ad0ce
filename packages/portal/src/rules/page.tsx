import './rules.css'

import { Button, Title2 } from '@fluentui/react-components'
import type { RuleSummary } from '@tidemark/model'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'

import { changedAddress } from '../view/address.ts'
import { useClock } from '../view/clock.ts'
import { TextFilter } from '../view/filter-fields.tsx'
import { Empty, Failure, Loading } from '../view/states.tsx'
import { VirtualTable } from '../view/virtual-table.tsx'
import { ruleWords as words } from '../words/rules.ts'
import { NEW_RULE } from './drafts.ts'
import { ImportDialog } from './import-dialog.tsx'
import { NewRule, SavedRule } from './rule-page.tsx'
import { matchingRules, ruleColumns } from './rule-columns.tsx'
import type { RulesChange, RulesSearch } from './rules-view.ts'
import { useMayWrite, useRules } from './use-rules.ts'

/** *Rules* (Azure's *Settings*): all of them, or one that is looked at or written. */
export function RulesPage(): ReactNode {
  const search: RulesSearch = useSearch({ from: '/rules' })
  const navigate = useNavigate({ from: '/rules' })
  const change = (changed: RulesChange): void => {
    navigate({
      search: (before: RulesSearch) => changedAddress(before, changed),
      replace: 'text' in changed,
    }).catch(() => undefined)
  }
  const place = { search, onChange: change }
  if (search.rule === NEW_RULE) return <NewRule {...place} />
  return search.rule === undefined ? (
    <RuleList {...place} />
  ) : (
    <SavedRule key={search.rule} {...place} rule={search.rule} />
  )
}

interface PlaceProps {
  readonly search: RulesSearch
  readonly onChange: (changed: RulesChange) => void
}

function RuleList({ search, onChange }: PlaceProps): ReactNode {
  const { data, error, refetch } = useRules()
  const mayWrite = useMayWrite()
  const [isImporting, setImporting] = useState(false)
  return (
    <section className="page" aria-labelledby="title">
      <div className="rule-head">
        <Title2 as="h1" id="title">
          {words.title}
        </Title2>
        {mayWrite ? (
          <div className="toolbar">
            <Button appearance="primary" onClick={() => onChange({ rule: NEW_RULE })}>
              {words.add}
            </Button>
            <Button onClick={() => setImporting(true)}>{words.import}</Button>
          </div>
        ) : null}
      </div>
      {mayWrite === false ? <p className="note">{words.readOnly}</p> : null}
      {error ? <Failure error={error} retry={() => void refetch()} /> : null}
      {data === undefined && !error ? <Loading /> : null}
      {data ? <Listed rules={data} search={search} onChange={onChange} /> : null}
      {isImporting ? (
        <ImportDialog
          names={(data ?? []).map(({ name }) => name)}
          onClose={() => setImporting(false)}
          onOpen={() => onChange({ rule: NEW_RULE })}
        />
      ) : null}
    </section>
  )
}

const keyOf = ({ immutableId }: RuleSummary): string => immutableId

function Listed({ rules, search, onChange }: PlaceProps & { readonly rules: readonly RuleSummary[] }): ReactNode {
  const nowMs = useClock().nowMs()
  if (rules.length === 0) return <Empty title={words.none}>{words.noneHelp}</Empty>
  const shown = matchingRules(rules, search.text)
  return (
    <>
      <search className="filters">
        <TextFilter
          value={search.text ?? ''}
          hint={words.textHint}
          onChange={(value) => onChange({ text: value || undefined })}
        />
      </search>
      {shown.length === 0 ? (
        <Empty title={words.noMatch}>{words.noMatchHelp}</Empty>
      ) : (
        <VirtualTable
          label={words.title}
          rows={shown}
          columns={ruleColumns(nowMs)}
          keyOf={keyOf}
          onOpen={(rule) => onChange({ rule: keyOf(rule), text: undefined })}
          testId="rule-row"
        />
      )}
    </>
  )
}
