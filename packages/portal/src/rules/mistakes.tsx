import { Button, MessageBar, MessageBarActions, MessageBarBody, MessageBarTitle } from '@fluentui/react-components'
import type { ReactNode } from 'react'

import { safeText } from '../view/text.ts'
import { ruleWords as words } from '../words/rules.ts'
import type { PlacedProblem, ReadRule } from './rule-text.ts'

/** Mistakes that are told before one asks for all. */
const SHOWN_MAX = 5

/** What is wrong in a rule, with its places, and what in it is kept and not used. */
export function Mistakes({
  read,
  onJson,
}: {
  readonly read: ReadRule
  /** Shows the JSON; undefined where it is in sight. */
  readonly onJson: (() => void) | undefined
}): ReactNode {
  const isBroken = read.kind === 'broken'
  const { problems } = read
  const unused = isBroken ? [] : read.unused
  return (
    <>
      {problems.length === 0 ? null : (
        <MessageBar intent="error" layout="multiline" data-testid="rule-mistakes">
          <MessageBarBody>
            <MessageBarTitle>{isBroken ? words.broken : words.problems(problems.length)}</MessageBarTitle>
            {isBroken ? words.brokenHelp : words.problemsHelp}
            <Places problems={problems.slice(0, SHOWN_MAX)} />
          </MessageBarBody>
          {onJson === undefined ? null : (
            <MessageBarActions>
              <Button size="small" onClick={onJson}>
                {words.toJson}
              </Button>
            </MessageBarActions>
          )}
        </MessageBar>
      )}
      {unused.length === 0 ? null : (
        <details className="rule-unused" data-testid="rule-unused">
          <summary>{words.unused(unused.length)}</summary>
          <Places problems={unused} />
        </details>
      )}
    </>
  )
}

function Places({ problems }: { readonly problems: readonly PlacedProblem[] }): ReactNode {
  return (
    <ul className="rule-places">
      {problems.map(({ where, message, line, column, offset }) => (
        <li key={`${offset} ${where} ${message}`}>
          {words.at(line, column)}: {where === '' ? '' : <code>{safeText(shortened(where))}</code>}{' '}
          {safeText(message).slice(0, 500)}
        </li>
      ))}
    </ul>
  )
}

/** The way to the settings is the same for all of them. */
function shortened(where: string): string {
  return where.replace(/^properties\.dataSources\.extensions\[\d+\]\.extensionSettings\./, '').slice(0, 300)
}
