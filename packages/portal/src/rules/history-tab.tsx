import { Button } from '@fluentui/react-components'
import type { RuleDetail, RuleVersion } from '@tidemark/model'
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'

import { restoreVersion, ruleVersion, ruleVersions } from '../api/rules.ts'
import { Moment } from '../view/moment.tsx'
import { Failure, Loading } from '../view/states.tsx'
import { safeText } from '../view/text.ts'
import { historyWords as words, ruleWords } from '../words/rules.ts'
import { Differences } from './differences.tsx'
import { storeDraft } from './drafts.ts'
import type { RulesChange, RulesSearch } from './rules-view.ts'
import { forgetRules } from './use-rules.ts'

export interface HistoryTabProps {
  readonly detail: RuleDetail | undefined
  readonly search: RulesSearch
  readonly onChange: (changed: RulesChange) => void
  readonly isReadOnly: boolean
}

/** Every saved version of a rule; two of them are compared, and one may be rolled back to. */
export function HistoryTab({ detail, ...place }: HistoryTabProps): ReactNode {
  return detail === undefined ? <p className="note">{words.newRule}</p> : <History {...place} detail={detail} />
}

type OpenProps = HistoryTabProps & { readonly detail: RuleDetail }

function History(props: OpenProps): ReactNode {
  const { detail, search, onChange, isReadOnly } = props
  const { immutableId } = detail
  const { data, error, refetch, hasNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: ['rules', 'versions', immutableId],
    queryFn: async ({ signal, pageParam }) => await ruleVersions(immutableId, pageParam, signal),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (page) => {
      const oldest = page.at(-1)?.version ?? 1
      return oldest > 1 ? oldest : undefined
    },
  })
  if (error) return <Failure error={error} retry={() => void refetch()} />
  if (data === undefined) return <Loading />
  const versions = data.pages.flat()
  return (
    <>
      {search.to === undefined ? null : <Compared {...props} from={search.from ?? search.to - 1} to={search.to} />}
      <table className="properties rule-versions">
        <thead>
          <tr>
            <th scope="col">{words.version}</th>
            <th scope="col">{words.saved}</th>
            <th scope="col">{words.by}</th>
            <th scope="col">{words.what}</th>
          </tr>
        </thead>
        <tbody>
          {versions.map((one) => (
            <Version
              key={one.version}
              one={one}
              isCurrent={one.version === detail.version}
              onCompare={() => onChange({ from: one.version - 1, to: one.version })}
            >
              {isReadOnly || one.version === detail.version ? null : <RollBack detail={detail} version={one.version} />}
            </Version>
          ))}
        </tbody>
      </table>
      {hasNextPage ? <Button onClick={() => void fetchNextPage()}>{words.older}</Button> : null}
    </>
  )
}

function Version({
  one: { version, savedAt, savedBy, restoredFrom },
  isCurrent,
  onCompare,
  children,
}: {
  readonly one: RuleVersion
  readonly isCurrent: boolean
  readonly onCompare: () => void
  readonly children: ReactNode
}): ReactNode {
  return (
    <tr data-testid="rule-version">
      <th scope="row">
        {version} {isCurrent ? <span className="note">{words.current}</span> : null}
      </th>
      <td>
        <Moment time={savedAt} />
      </td>
      <td>
        {savedBy === '' ? ruleWords.server : safeText(savedBy)}{' '}
        {restoredFrom === null ? null : <span className="note">{words.restored(restoredFrom)}</span>}
      </td>
      <td>
        <div className="toolbar">
          <Button size="small" aria-label={words.compare(version)} onClick={onCompare}>
            {words.what}
          </Button>
          {children}
        </div>
      </td>
    </tr>
  )
}

function RollBack({ detail, version }: { readonly detail: RuleDetail; readonly version: number }): ReactNode {
  const client = useQueryClient()
  const [failed, setFailed] = useState<Error>()
  const roll = async (): Promise<void> => {
    try {
      setFailed(undefined)
      await restoreVersion(detail.immutableId, version, detail.etag)
      // What was being written began with another version.
      storeDraft(detail.immutableId, undefined)
      await forgetRules(client)
    } catch (error) {
      setFailed(error instanceof Error ? error : new Error(String(error)))
    }
  }
  return (
    <>
      <Button size="small" title={words.rollBackHelp} onClick={() => void roll()}>
        {words.rollBack(version)}
      </Button>
      {failed ? <Failure error={failed} retry={() => void roll()} /> : null}
    </>
  )
}

function Compared({ detail, from, to }: OpenProps & { readonly from: number; readonly to: number }): ReactNode {
  const [before, after] = [useVersion(detail, from), useVersion(detail, to)]
  const error = before.error ?? after.error
  if (from < 1) return <p className="note">{words.first}</p>
  if (error) return <Failure error={error} retry={() => void Promise.all([before.refetch(), after.refetch()])} />
  return (
    <section className="rule-compared" data-testid="rule-compared">
      <h2>{words.compared(from, to)}</h2>
      {before.data && after.data ? (
        <Differences before={before.data.document} after={after.data.document} label={words.compared(from, to)} />
      ) : (
        <Loading />
      )}
    </section>
  )
}

function useVersion({ immutableId }: RuleDetail, version: number) {
  return useQuery({
    queryKey: ['rule version', immutableId, version],
    queryFn: async ({ signal }) => await ruleVersion(immutableId, version, signal),
    enabled: version >= 1,
    staleTime: Infinity,
  })
}
