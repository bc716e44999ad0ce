import { Dismiss12Regular } from '@fluentui/react-icons'
import type { ReactNode } from 'react'

import { safeText } from '../view/text.ts'
import { changeWords as words } from '../words/changes.ts'
import type { ChangeSearch } from './change-view.ts'
import { chipsOf } from './facets.ts'
import type { SearchChange } from './filters.tsx'

/** Characters of a value that a chip shows; all of it stands in its tooltip. */
const CHIP_CHARACTERS_MAX = 60

/** What the view is narrowed by, each to be taken away by itself or all at once. */
export function Chips({
  search,
  onChange,
}: {
  readonly search: ChangeSearch
  readonly onChange: (change: SearchChange) => void
}): ReactNode {
  const chips = chipsOf(search)
  if (chips.length === 0) return null
  const everything: SearchChange = Object.assign({}, ...chips.map(({ without }) => emptied(without)))
  return (
    <ul className="chips" aria-label={words.filters}>
      {chips.map(({ key, title, value, without }) => {
        const text = safeText(value)
        return (
          <li key={key}>
            <button
              type="button"
              className="chip"
              title={text}
              aria-label={words.removeFilter(title, text)}
              onClick={() => onChange(without)}
            >
              {title}: {text.slice(0, CHIP_CHARACTERS_MAX)}
              {text.length > CHIP_CHARACTERS_MAX ? '…' : ''}
              <Dismiss12Regular />
            </button>
          </li>
        )
      })}
      {chips.length > 1 ? (
        <li>
          <button type="button" className="text-button" onClick={() => onChange(everything)}>
            {words.removeAll}
          </button>
        </li>
      ) : null}
    </ul>
  )
}

function emptied(change: SearchChange): SearchChange {
  return Object.fromEntries(Object.keys(change).map((name) => [name, undefined]))
}
