import { Link } from '@fluentui/react-components'
import type { ReactNode } from 'react'

import { ruleWords as words } from '../words/rules.ts'
import type { RulesChange } from './rules-view.ts'

/** The way back to all rules. */
export function BackToRules({ onChange }: { readonly onChange: (changed: RulesChange) => void }): ReactNode {
  const back = { rule: undefined, tab: undefined, from: undefined, to: undefined }
  return (
    <p className="rule-back">
      <Link as="button" onClick={() => onChange(back)}>
        {words.back}
      </Link>
    </p>
  )
}
