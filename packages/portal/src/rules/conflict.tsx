import { Button, MessageBar, MessageBarBody, MessageBarTitle } from '@fluentui/react-components'
import { mergeRules } from '@tidemark/model'
import type { ReactNode } from 'react'

import { safeText } from '../view/text.ts'
import { historyWords as words } from '../words/rules.ts'
import { Differences, shortPlace } from './differences.tsx'
import type { RuleEditing, SavedMeanwhile } from './use-editing.ts'

/** Tells that somebody saved meanwhile, in what both changes differ, and how it may go on. */
export function Conflict({
  conflict,
  editing,
}: {
  readonly conflict: SavedMeanwhile
  readonly editing: RuleEditing
}): ReactNode {
  const { theirs, base, mine } = conflict
  const { conflicts } = mergeRules({ base, mine, theirs: theirs.document })
  return (
    <section className="rule-conflict" data-testid="rule-conflict" aria-label={words.conflict}>
      <MessageBar intent="warning" layout="multiline">
        <MessageBarBody>
          <MessageBarTitle>{words.conflict}</MessageBarTitle>
          {words.conflictHelp(theirs.version, safeText(theirs.savedBy))}
        </MessageBarBody>
      </MessageBar>
      <h2>{words.theirs}</h2>
      <Differences before={base} after={theirs.document} label={words.theirs} />
      <h2>{words.mine}</h2>
      <Differences before={base} after={mine} label={words.mine} />
      <p className="note">{words.both(conflicts.length)}</p>
      {conflicts.length === 0 ? null : (
        <ul className="rule-places">
          {conflicts.map((where) => (
            <li key={where}>
              <code>{safeText(shortPlace(where))}</code>
            </li>
          ))}
        </ul>
      )}
      <div className="toolbar">
        <Button appearance="primary" onClick={() => editing.resolve('merge')}>
          {words.merge}
        </Button>
        <Button onClick={() => editing.resolve('mine')}>{words.keepMine}</Button>
        <Button onClick={() => editing.resolve('theirs')}>{words.takeTheirs}</Button>
      </div>
    </section>
  )
}
