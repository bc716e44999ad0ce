import type { ReactNode } from 'react'

import { useClock } from '../view/clock.ts'
import { LongText } from '../view/long-text.tsx'
import { momentText, safeText } from '../view/text.ts'
import { machineWords as words } from '../words/machines.ts'
import { type Gap, lanesOf } from './gaps.ts'
import { GAP_DAYS, GAPS_MAX } from './machine-queries.ts'

/** What could not be seen, on a time line and as a list: from when to when, and why. */
export function GapsTab({ gaps }: { readonly gaps: readonly Gap[] }): ReactNode {
  const nowMs = useClock().nowMs()
  if (gaps.length === 0) return <p className="note">{words.noGaps}</p>
  const range = { fromMs: nowMs - GAP_DAYS * 86_400_000, toMs: nowMs }
  return (
    <>
      <p className="note">{words.gapsHelp}</p>
      {/* The list below says the same. */}
      <div className="time-line" aria-hidden data-testid="time-line">
        {lanesOf(gaps, range).map(({ reason, marks }) => (
          <div key={reason} className="lane">
            <span className="lane-name">{safeText(reason)}</span>
            <span className="lane-track">
              {marks.map(({ id, left, width, gap }) => (
                <span
                  key={id}
                  className="gap-mark"
                  title={`${momentText(gap.fromMs)}\n${safeText(gap.detail).slice(0, 300)}`}
                  style={{ insetInlineStart: `${left * 100}%`, width: `max(4px, ${width * 100}%)` }}
                />
              ))}
            </span>
          </div>
        ))}
        <div className="axis">
          <span>{momentText(range.fromMs)}</span>
          <span>{momentText(range.toMs)}</span>
        </div>
      </div>
      <table className="properties related">
        <thead>
          <tr>
            <th scope="col">{words.when}</th>
            <th scope="col">{words.reason}</th>
            <th scope="col">{words.what}</th>
          </tr>
        </thead>
        <tbody>
          {gaps.map((gap) => (
            <tr key={gap.id} data-testid="gap">
              <td>
                {gap.toMs === undefined
                  ? words.since(momentText(gap.fromMs))
                  : words.between(momentText(gap.fromMs), momentText(gap.toMs))}
              </td>
              <td>{safeText(gap.reason)}</td>
              <td>
                <LongText text={[gap.type, gap.subject, gap.detail].filter(Boolean).join(' · ')} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {gaps.length >= GAPS_MAX ? <p className="note">{words.gapsMax(GAPS_MAX)}</p> : null}
    </>
  )
}
