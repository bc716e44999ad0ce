import './groups.css'

import { Button } from '@fluentui/react-components'
import { Add20Regular } from '@fluentui/react-icons'
import type { MachineGroupView } from '@tidemark/model'
import { type ReactNode, useMemo } from 'react'

import { TextFilter } from '../view/filter-fields.tsx'
import { Moment } from '../view/moment.tsx'
import { SidePane } from '../view/side-pane.tsx'
import { Empty, Failure, Loading } from '../view/states.tsx'
import { safeText } from '../view/text.ts'
import { type TableColumn, VirtualTable } from '../view/virtual-table.tsx'
import { groupWords as words } from '../words/groups.ts'
import { GroupForm } from './group-form.tsx'
import { useGroups, useMemberCount } from './use-groups.ts'

/** What stands in the address while a group is made. */
const NEW = 'new'

export interface GroupsTabProps {
  readonly text: string | undefined
  /** The id of the group that is open, or `new`. */
  readonly opened: string | undefined
  readonly onChange: (changed: { readonly text?: string | undefined; readonly item?: string | undefined }) => void
}

/** Machine groups: saved queries that say which machines are meant; made, changed, cloned and deleted here. */
export function GroupsTab({ text, opened, onChange }: GroupsTabProps): ReactNode {
  const { data, error, refetch } = useGroups()
  const open = (item: string | undefined): void => onChange({ item })
  const group = data?.find(({ id }) => id === opened)
  return (
    <>
      <search className="filters">
        <TextFilter
          value={text ?? ''}
          hint={words.textHint}
          onChange={(next) => onChange({ text: next || undefined })}
        />
        <div className="filters-button">
          <Button appearance="primary" icon={<Add20Regular />} onClick={() => open(NEW)}>
            {words.create}
          </Button>
        </div>
      </search>
      {error ? <Failure error={error} retry={() => void refetch()} /> : null}
      {data === undefined && !error ? <Loading /> : null}
      {data ? <Groups groups={data} text={text} opened={opened} onOpen={open} /> : null}
      <SidePane
        title={safeText(group?.name ?? words.create).slice(0, 100)}
        isOpen={opened === NEW || (data !== undefined && opened !== undefined)}
        onClose={() => open(undefined)}
        testId="group-details"
      >
        {opened === NEW || group ? (
          <GroupForm key={opened} group={group} onOpen={open} />
        ) : (
          <Empty title={words.gone}>{words.goneHelp}</Empty>
        )}
      </SidePane>
    </>
  )
}

interface GroupsProps {
  readonly groups: readonly MachineGroupView[]
  readonly text: string | undefined
  readonly opened: string | undefined
  readonly onOpen: (id: string) => void
}

function Groups({ groups, text, opened, onOpen }: GroupsProps): ReactNode {
  const shown = useMemo(() => {
    const wanted = text?.toLowerCase() ?? ''
    return groups.filter(({ name, description, query }) =>
      `${name}\n${description}\n${query}`.toLowerCase().includes(wanted),
    )
  }, [groups, text])
  if (groups.length === 0) return <Empty title={words.nothing}>{words.nothingHelp}</Empty>
  if (shown.length === 0) return <Empty title={words.noMatch}>{words.noMatchHelp}</Empty>
  return (
    <>
      <VirtualTable
        label={words.tab}
        rows={shown}
        columns={columns}
        keyOf={({ id }) => id}
        onOpen={({ id }) => onOpen(id)}
        testId="group-row"
        currentKey={opened}
      />
      <p className="note">{words.count(shown.length)}</p>
    </>
  )
}

function MemberCount({ group }: { readonly group: MachineGroupView }): ReactNode {
  const { data, error } = useMemberCount(group)
  return error ? <span title={safeText(error.message)}>—</span> : (data?.toLocaleString() ?? '')
}

const columns: readonly TableColumn<MachineGroupView>[] = [
  { id: 'name', title: words.name, width: 'minmax(120px, 1.2fr)', cell: ({ name }) => cut(name) },
  {
    id: 'machines',
    title: words.machines,
    width: '88px',
    cell: (group) => <MemberCount group={group} />,
    isNumber: true,
  },
  {
    id: 'description',
    title: words.description,
    width: 'minmax(100px, 1.5fr)',
    cell: ({ description }) => cut(description),
    isMinor: true,
  },
  {
    id: 'query',
    title: words.query,
    width: 'minmax(120px, 3fr)',
    cell: ({ query }) => <code>{cut(query.replaceAll(/\s+/g, ' '))}</code>,
    isMinor: true,
  },
  {
    id: 'updated',
    title: words.updated,
    width: '160px',
    cell: ({ updatedAt }) => <Moment time={updatedAt} />,
    isMinor: true,
  },
]

function cut(value: string): ReactNode {
  const safe = safeText(value)
  return <span title={safe}>{safe}</span>
}
