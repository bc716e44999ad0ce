import { Dismiss12Regular } from '@fluentui/react-icons'
import { queryTableNames, queryTables } from '@tidemark/model'
import { type ReactNode, useState } from 'react'

import { useNarrow } from '../view/narrow.ts'
import { safeText } from '../view/text.ts'
import { exampleQueries, logsWords as words } from '../words/logs.ts'
import type { SavedQuery } from './stored.ts'

export interface SideBarProps {
  readonly history: readonly string[]
  readonly saved: readonly SavedQuery[]
  /** Puts a name where the cursor is. */
  readonly onInsert: (name: string) => void
  /** Takes a query in place of the one that is there. */
  readonly onTake: (query: string) => void
  readonly onForget: (name: string) => void
}

/** What can be asked for: tables with their columns, examples, saved queries, those that were run. */
export function SideBar(props: SideBarProps): ReactNode {
  const isNarrow = useNarrow()
  return (
    <aside className="facets" aria-label={words.tables}>
      <Section title={words.tables} isOpen={!isNarrow}>
        <Tables onInsert={props.onInsert} />
      </Section>
      <Section title={words.examples} isOpen={!isNarrow}>
        <Queries queries={exampleQueries.map(({ title, query }) => ({ name: title, query }))} onTake={props.onTake} />
      </Section>
      <Section title={words.saved} isOpen={false}>
        {props.saved.length === 0 ? <p className="note">{words.noSaved}</p> : null}
        <Queries queries={props.saved} onTake={props.onTake} onForget={props.onForget} />
      </Section>
      <Section title={words.history} isOpen={false}>
        {props.history.length === 0 ? <p className="note">{words.noHistory}</p> : null}
        <Queries queries={props.history.map((query) => ({ name: query, query }))} onTake={props.onTake} />
      </Section>
    </aside>
  )
}

function Section({
  title,
  isOpen,
  children,
}: {
  readonly title: string
  readonly isOpen: boolean
  readonly children: ReactNode
}): ReactNode {
  return (
    <details open={isOpen} className="side-section">
      <summary>{title}</summary>
      {children}
    </details>
  )
}

function Tables({ onInsert }: Pick<SideBarProps, 'onInsert'>): ReactNode {
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set())
  const toggle = (name: string, isOpen: boolean): void =>
    setOpened((before) => new Set(isOpen ? [...before, name] : [...before].filter((one) => one !== name)))
  return queryTableNames.map((table) => (
    <details key={table} className="table-columns" onToggle={(event) => toggle(table, event.currentTarget.open)}>
      <summary>{table}</summary>
      <button type="button" className="text-button" onClick={() => onInsert(table)}>
        {words.insert(table)}
      </button>
      {opened.has(table)
        ? queryTables[table].columns.map(({ name, type }) => (
            <button
              key={name}
              type="button"
              className="facet-line"
              title={words.insert(name)}
              onClick={() => onInsert(name)}
            >
              <span className="facet-label">{name}</span>
              <span className="count">{type}</span>
            </button>
          ))
        : null}
    </details>
  ))
}

/** Characters of a query that stand in a list. */
const SHOWN_MAX = 120

function Queries({
  queries,
  onTake,
  onForget,
}: {
  readonly queries: readonly SavedQuery[]
  readonly onTake: (query: string) => void
  readonly onForget?: (name: string) => void
}): ReactNode {
  return queries.map(({ name, query }) => (
    <div key={name} className="kept-query">
      <button type="button" className="text-button" title={safeText(query)} onClick={() => onTake(query)}>
        {safeText(name).slice(0, SHOWN_MAX)}
      </button>
      {onForget ? (
        <button
          type="button"
          className="text-button"
          aria-label={words.remove(safeText(name))}
          onClick={() => onForget(name)}
        >
          <Dismiss12Regular />
        </button>
      ) : null}
    </div>
  ))
}
