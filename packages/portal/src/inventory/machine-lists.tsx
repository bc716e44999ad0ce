import type { ReactNode } from 'react'

import { Moment } from '../view/moment.tsx'
import { safeText } from '../view/text.ts'
import { inventoryWords as words } from '../words/inventory.ts'
import type { TabName } from './inventory-view.ts'
import type { Spread } from './spread.ts'

/** Machines that one list shows; how many more there are is said below it. */
export const LISTED_MAX = 500
/** Characters of a variant in a list: a checksum is told by its beginning. */
const VARIANT_CHARACTERS_MAX = 80

/** The machines that have the item. */
export function Have({
  spread,
  onOpen,
}: {
  readonly spread: Spread
  readonly onOpen: (computer: string) => void
}): ReactNode {
  return (
    <List heads={[words.machine, words.lastRefreshed]} count={spread.have.length}>
      {spread.have.slice(0, LISTED_MAX).map(({ computer, refreshedAt }) => (
        <tr key={computer} data-testid="machine-with">
          <td>
            <button type="button" className="text-button" onClick={() => onOpen(computer)}>
              {safeText(computer)}
            </button>
          </td>
          <td>
            <Moment time={refreshedAt} />
          </td>
        </tr>
      ))}
    </List>
  )
}

/** The machines that do not have it, and what they have instead. */
export function Lack({ spread }: { readonly spread: Spread }): ReactNode {
  return (
    <List heads={[words.machine, words.hasInstead]} count={spread.lack.length}>
      {spread.lack.slice(0, LISTED_MAX).map(({ computer, instead }) => (
        <tr key={computer} data-testid="machine-without">
          <td>{safeText(computer)}</td>
          <td>
            {instead.length === 0 ? (
              <span className="note">{words.nothingInstead}</span>
            ) : (
              instead.map(variantText).join(', ').slice(0, 300)
            )}
          </td>
        </tr>
      ))}
    </List>
  )
}

interface VariantsProps {
  readonly tab: TabName
  readonly spread: Spread
  readonly current: string
  readonly onOpen: (key: string) => void
}

/** How versions, contents or states spread over the fleet: a bar for each, the most frequent first. */
export function Variants({ tab, spread, current, onOpen }: VariantsProps): ReactNode {
  const most = Math.max(1, ...spread.variants.map(({ machines }) => machines))
  return (
    <List heads={[words.variant[tab], words.machines]} count={spread.variants.length} label={words.spreadHelp[tab]}>
      {spread.variants.slice(0, LISTED_MAX).map(({ key, machines }) => (
        <tr key={key} data-testid="variant">
          <td>
            {key === current ? (
              <>
                {variantText(key)} <span className="note">({words.thisOne})</span>
              </>
            ) : (
              <button type="button" className="text-button" onClick={() => onOpen(key)}>
                {variantText(key) || '—'}
              </button>
            )}
          </td>
          <td>
            <span className="share">
              <span
                className={key === current ? 'share-bar current' : 'share-bar'}
                style={{ width: `${(machines / most) * 70}%` }}
              />
              {machines.toLocaleString()}
            </span>
          </td>
        </tr>
      ))}
    </List>
  )
}

function variantText(key: string): string {
  const text = safeText(key.split('\n').filter(Boolean).join(', '))
  return /^[0-9a-f]{64}$/.test(text) ? text.slice(0, 16) : text.slice(0, VARIANT_CHARACTERS_MAX)
}

interface ListProps {
  readonly heads: readonly string[]
  readonly count: number
  readonly label?: string
  readonly children: ReactNode
}

function List({ heads, count, label, children }: ListProps): ReactNode {
  return (
    <>
      <table className="properties" {...(label === undefined ? {} : { 'aria-label': label })}>
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
      {count > LISTED_MAX ? <p className="note">{words.more(count - LISTED_MAX)}</p> : null}
    </>
  )
}
