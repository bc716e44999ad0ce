import { Button } from '@fluentui/react-components'
import { ArrowUp16Regular } from '@fluentui/react-icons'
import { type ReactNode, type RefObject, useCallback, useEffect, useMemo, useRef, useState } from 'react'

import { toggled } from '../view/address.ts'
import { VirtualTable } from '../view/virtual-table.tsx'
import { changeWords as words } from '../words/changes.ts'
import type { ChangeSearch } from './change-view.ts'
import { changeColumns, defaultColumns } from './columns.tsx'
import type { SearchChange } from './filters.tsx'
import { type ChangeLine, lineKey, linesOf, newerThan, newestTime } from './lines.ts'
import { useOperations } from './use-operations.ts'
import type { Changes } from './use-changes.ts'

export interface ChangeTableProps {
  readonly search: ChangeSearch
  readonly changes: Changes
  readonly onChange: (changed: SearchChange) => void
  readonly onEnd: () => void
}

const isOpened = (line: ChangeLine): boolean | undefined => (line.kind === 'group' ? line.isOpen : undefined)

/** The table of changes: package operations and flapping daemons as one line, new ones counted while others are read. */
export function ChangeTable({ search, changes, onChange, onEnd }: ChangeTableProps): ReactNode {
  const { rows, rowsMax } = changes
  const { open, columns: chosen = defaultColumns } = search
  const lines = useMemo(() => linesOf(rows, new Set(open)), [rows, open])
  const operations = useOperations(lines)
  const columns = useMemo(
    () =>
      changeColumns({ operations, isCut: rows.length >= rowsMax, lastRow: rows.at(-1) }).filter(({ id }) =>
        chosen.includes(id),
      ),
    [operations, rows, rowsMax, chosen],
  )
  const { unseen, onTop, place, toTop } = useUnseen(changes)
  const openLine = (line: ChangeLine): void => {
    if (line.kind === 'group') onChange({ open: toggled(open, line.group.key) })
    else onChange({ change: lineKey(line) })
  }
  return (
    <div className="change-table" ref={place}>
      <output className="unseen">
        {unseen === 0 ? null : (
          <Button
            size="small"
            appearance="primary"
            shape="circular"
            icon={<ArrowUp16Regular />}
            title={words.showNewest}
            onClick={toTop}
          >
            {words.newChanges(unseen)}
          </Button>
        )}
      </output>
      <VirtualTable
        label={words.tableLabel}
        rows={lines}
        columns={columns}
        keyOf={lineKey}
        onOpen={openLine}
        testId="change-row"
        sort={search.sort ?? '-TimeGenerated'}
        onSort={(sort) => onChange({ sort: sort === '-TimeGenerated' ? undefined : sort })}
        isOpened={isOpened}
        onEnd={onEnd}
        onTop={onTop}
        currentKey={search.change}
      />
    </div>
  )
}

interface Unseen {
  /** How many changes came since the first line was in sight the last time. */
  readonly unseen: number
  readonly onTop: (isAtTop: boolean) => void
  readonly place: RefObject<HTMLDivElement | null>
  readonly toTop: () => void
}

function useUnseen({ rows }: Changes): Unseen {
  const place = useRef<HTMLDivElement>(null)
  const newest = useMemo(() => newestTime(rows), [rows])
  const latest = useRef(newest)
  useEffect(() => {
    latest.current = newest
  }, [newest])
  // Undefined while the first line is in sight: then nothing is unseen.
  const [seen, setSeen] = useState<string>()
  const onTop = useCallback((isAtTop: boolean) => setSeen(isAtTop ? undefined : latest.current), [])
  const unseen = useMemo(() => (seen === undefined ? 0 : newerThan(rows, seen)), [rows, seen])
  const toTop = (): void => place.current?.querySelector('.table')?.scrollTo({ top: 0 })
  return { unseen, onTop, place, toTop }
}
