import type { RuleDifference } from '@tidemark/model'
import { ruleDifferences } from '@tidemark/model'
import type { ReactNode } from 'react'

import { LongText } from '../view/long-text.tsx'
import { safeText } from '../view/text.ts'
import { historyWords as words } from '../words/rules.ts'

/** Differences that are listed; a rule that was written anew has more than anybody reads. */
const LISTED_MAX = 500

/** In what two documents differ, a line each. */
export function Differences({
  before,
  after,
  label,
}: {
  readonly before: unknown
  readonly after: unknown
  readonly label: string
}): ReactNode {
  const found = ruleDifferences(before, after)
  if (found.length === 0) return <p className="note">{words.same}</p>
  return (
    <table className="properties rule-differences" aria-label={label}>
      <thead>
        <tr>
          <th scope="col">{words.where}</th>
          <th scope="col">{words.before}</th>
          <th scope="col">{words.after}</th>
        </tr>
      </thead>
      <tbody>
        {found.slice(0, LISTED_MAX).map((one) => (
          <Difference key={`${one.where} ${one.kind}`} difference={one} />
        ))}
      </tbody>
    </table>
  )
}

function Difference({
  difference: { where, kind, before, after },
}: {
  readonly difference: RuleDifference
}): ReactNode {
  return (
    <tr data-testid="rule-difference">
      <th scope="row">
        <code>{safeText(shortPlace(where))}</code> <span className="note">{words.kinds[kind]}</span>
      </th>
      <td>
        <Value value={before} />
      </td>
      <td>
        <Value value={after} />
      </td>
    </tr>
  )
}

function Value({ value }: { readonly value: unknown }): ReactNode {
  if (value === undefined) return <span className="note">{words.nothing}</span>
  return (
    <code>
      <LongText text={typeof value === 'string' ? value : JSON.stringify(value, null, 1)} />
    </code>
  )
}

/** The way to the settings of change tracking is the same for all of them. */
export function shortPlace(where: string): string {
  return where.replace(/^properties\.dataSources\.extensions\["[^"]*"\]\.extensionSettings\./, '').slice(0, 1_000)
}
