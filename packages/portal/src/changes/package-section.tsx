import { Badge } from '@fluentui/react-components'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'

import type { AnswerRow } from '../api/answer-row.ts'
import { LongText } from '../view/long-text.tsx'
import { safeText, timeText } from '../view/text.ts'
import { detailWords as words } from '../words/details.ts'
import { useOperation } from './use-operations.ts'

/** The package that owns the item, the operation that changed it, and whether it is as the package has it. */
export function PackageSection({ row }: { readonly row: AnswerRow }): ReactNode {
  const text = (name: string): string => String(row[name] ?? '')
  const [owner, verdict, id] = [
    `${text('PackageName')} ${text('PackageVersion')}`.trim(),
    text('PackageVerdict'),
    text('OperationId'),
  ]
  const count = Number(row['SvcTransitions'] ?? 0)
  const operation = useOperation(id, text('Computer'))
  if (owner === '' && verdict === '' && id === '' && count < 2) return null
  return (
    <section className="who" aria-labelledby="package-title" data-testid="package">
      <h3 id="package-title">{words.package}</h3>
      <dl>
        <Fact name={words.owner} value={owner} />
        {verdict === '' ? null : (
          <>
            <dt>{words.verdict}</dt>
            <dd>
              <Badge appearance="tint" color={verdictColour(verdict)}>
                {safeText(verdict).slice(0, 60)}
              </Badge>{' '}
              <LongText text={text('PackageVerdictNote')} />
            </dd>
          </>
        )}
        {id === '' ? null : (
          <>
            <dt>{words.operation}</dt>
            <dd>
              <LongText
                text={[operation?.commandLine || id, operation?.requestedBy, operation?.outcome]
                  .filter(Boolean)
                  .join(' · ')}
              />{' '}
              <Link to="/" search={{ operation: [id], span: '90d' }}>
                {words.showOperation}
              </Link>
            </dd>
          </>
        )}
        {count > 1 ? (
          <Fact name={words.transitions} value={words.since(count, timeText(row['SvcTransitionsFrom']))} />
        ) : null}
      </dl>
    </section>
  )
}

/** As the package has it is fine; what was edited was meant to be; what differs deserves a look. */
function verdictColour(verdict: string): 'success' | 'warning' | 'informative' {
  if (verdict === 'matches package') return 'success'
  return verdict === 'differs from package' ? 'warning' : 'informative'
}

function Fact({ name, value }: { readonly name: string; readonly value: string }): ReactNode {
  if (value === '') return null
  return (
    <>
      <dt>{name}</dt>
      <dd>
        <LongText text={value} />
      </dd>
    </>
  )
}
