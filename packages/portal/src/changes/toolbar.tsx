import {
  Button,
  Menu,
  MenuItem,
  MenuItemCheckbox,
  MenuList,
  MenuPopover,
  MenuTrigger,
} from '@fluentui/react-components'
import { ArrowDownload20Regular, Code20Regular, ColumnTriple20Regular } from '@fluentui/react-icons'
import { useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'

import { query } from '../api/client.ts'
import { groupNamed, withGroups } from '../groups/narrowing.ts'
import { groupsFor, useGroups } from '../groups/use-groups.ts'
import { useClock } from '../view/clock.ts'
import { csvText, ndjsonText, saveText } from '../view/rows-file.ts'
import { changeWords as words } from '../words/changes.ts'
import { changeQuery, type ChangeSearch, logsQuery } from './change-view.ts'
import { type ChangeColumn, defaultColumns } from './columns.tsx'
import type { SearchChange } from './filters.tsx'

export interface ToolbarProps {
  readonly search: ChangeSearch
  /** Every column that there is. */
  readonly columns: readonly ChangeColumn[]
  readonly onChange: (change: SearchChange) => void
}

/** What can be done with the view: choose its columns, take it away as a file, go on with its query. */
export function Toolbar({ search, columns, onChange }: ToolbarProps): ReactNode {
  const chosen = search.columns ?? defaultColumns
  const { data: groups = [] } = useGroups()
  // A group that is not there any more narrows nothing in Logs, where the page itself says what is wrong.
  const known = search.group?.filter((name) => groupNamed(groups, name) !== undefined)
  const kql = withGroups(logsQuery(withoutUnknown(search, known)), known, groups)
  return (
    <div className="toolbar">
      <Menu
        checkedValues={{ columns: [...chosen] }}
        onCheckedValueChange={(_, { checkedItems }) => {
          // In the order of the table, whatever the order in which they were chosen.
          const next = columns.map(({ id }) => id).filter((id) => checkedItems.includes(id))
          const isDefault = next.join() === defaultColumns.join()
          if (next.length > 0) onChange({ columns: isDefault ? undefined : next })
        }}
      >
        <MenuTrigger disableButtonEnhancement>
          <Button size="small" icon={<ColumnTriple20Regular />}>
            {words.columns}
          </Button>
        </MenuTrigger>
        <MenuPopover>
          <MenuList>
            {columns.map(({ id, title }) => (
              <MenuItemCheckbox key={id} name="columns" value={id}>
                {title}
              </MenuItemCheckbox>
            ))}
          </MenuList>
        </MenuPopover>
      </Menu>
      <Link to="/logs" search={{ query: kql }} className="button-link" data-testid="open-in-logs">
        <Code20Regular /> {words.openInLogs}
      </Link>
      <Export search={search} columns={columns.filter(({ id }) => chosen.includes(id))} />
    </div>
  )
}

function withoutUnknown(
  { group: _group, ...search }: ChangeSearch,
  known: readonly string[] | undefined,
): ChangeSearch {
  return known === undefined ? search : { ...search, group: known }
}

/** All rows that the filters let through, at most as many as the table takes, in its order and with its columns. */
function Export({ search, columns }: Pick<ToolbarProps, 'search' | 'columns'>): ReactNode {
  const clock = useClock()
  const client = useQueryClient()
  const [said, setSaid] = useState('')
  const run = async (kind: 'csv' | 'ndjson'): Promise<void> => {
    setSaid(words.exporting)
    const nowMs = clock.nowMs()
    const kql = withGroups(changeQuery(search, nowMs), search.group, await groupsFor(client, search.group))
    const { rows, notice } = await query(kql, new AbortController().signal)
    const names = [...new Set(columns.flatMap(({ from }) => from))]
    const text = kind === 'csv' ? csvText(names, rows) : ndjsonText(names, rows)
    const day = new Date(nowMs).toISOString().slice(0, 10)
    saveText(text, {
      name: `changes-${day}.${kind}`,
      type: kind === 'csv' ? 'text/csv' : 'application/x-ndjson',
    })
    setSaid(notice)
  }
  const start = (kind: 'csv' | 'ndjson'): void => {
    run(kind).catch((error: unknown) =>
      setSaid(`${words.exportFailed}: ${error instanceof Error ? error.message : String(error)}`),
    )
  }
  return (
    <>
      <Menu>
        <MenuTrigger disableButtonEnhancement>
          <Button size="small" icon={<ArrowDownload20Regular />}>
            {words.export}
          </Button>
        </MenuTrigger>
        <MenuPopover>
          <MenuList>
            <MenuItem onClick={() => start('csv')}>{words.exportCsv}</MenuItem>
            <MenuItem onClick={() => start('ndjson')}>{words.exportNdjson}</MenuItem>
          </MenuList>
        </MenuPopover>
      </Menu>
      <output className="note">{said}</output>
    </>
  )
}
