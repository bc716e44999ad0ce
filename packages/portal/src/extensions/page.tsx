import './extensions.css'

import { Title2 } from '@fluentui/react-components'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactNode, useMemo } from 'react'

import { useMachines } from '../machines/use-machines.ts'
import { changedAddress } from '../view/address.ts'
import { Choice, TextFilter } from '../view/filter-fields.tsx'
import { Moment } from '../view/moment.tsx'
import { Empty, Failure, Loading } from '../view/states.tsx'
import { safeText } from '../view/text.ts'
import { type TableColumn, VirtualTable } from '../view/virtual-table.tsx'
import { extensionWords as words } from '../words/extensions.ts'
import {
  type ExtensionLine,
  type ExtensionsSearch,
  linesOf,
  matchingLines,
  programs,
  versionsOf,
} from './extension-view.ts'

type SearchChange = { readonly [Name in keyof ExtensionsSearch]?: ExtensionsSearch[Name] | undefined }

/** *Extensions*: which agent and which change tracking run on each machine, their versions and how they are. */
export function ExtensionsPage(): ReactNode {
  const { data, error, refetch } = useMachines()
  const search: ExtensionsSearch = useSearch({ from: '/extensions' })
  const navigate = useNavigate({ from: '/extensions' })
  const change = (changed: SearchChange): void => {
    navigate({
      search: (before: ExtensionsSearch) => changedAddress(before, changed),
      replace: 'text' in changed,
    }).catch(() => undefined)
  }
  const lines = useMemo(() => linesOf(data ?? []), [data])
  return (
    <section className="page" aria-labelledby="title">
      <Title2 as="h1" id="title">
        {words.title}
      </Title2>
      <p className="note">{words.help}</p>
      {error ? <Failure error={error} retry={() => void refetch()} /> : null}
      {data === undefined && !error ? <Loading /> : null}
      {data?.length === 0 ? (
        <Empty title={words.nothing}>
          {words.nothingHelp} <Link to="/machines">{words.add}</Link>
        </Empty>
      ) : null}
      {lines.length > 0 ? <Lines lines={lines} search={search} onChange={change} /> : null}
    </section>
  )
}

interface LinesProps {
  readonly lines: readonly ExtensionLine[]
  readonly search: ExtensionsSearch
  readonly onChange: (changed: SearchChange) => void
}

function Lines({ lines, search, onChange }: LinesProps): ReactNode {
  const navigate = useNavigate()
  const shown = useMemo(() => matchingLines(lines, search), [lines, search])
  return (
    <>
      <div className="versions">
        {programs.map((program) => (
          <Versions key={program} program={program} lines={lines} search={search} onChange={onChange} />
        ))}
      </div>
      <search className="filters">
        <Choice
          label={words.program}
          value={search.program === undefined ? undefined : words[search.program]}
          values={programs.map((one) => words[one])}
          onChange={(value) => onChange({ program: programs.find((one) => words[one] === value), version: undefined })}
        />
        <TextFilter
          value={search.text ?? ''}
          hint={words.textHint}
          onChange={(value) => onChange({ text: value || undefined })}
        />
      </search>
      {shown.length === 0 ? (
        <Empty title={words.noMatch}>{words.noMatchHelp}</Empty>
      ) : (
        <VirtualTable
          label={words.title}
          rows={shown}
          columns={columns}
          keyOf={({ machine, program }) => `${machine.resourceId}\n${program}`}
          onOpen={({ machine }) => {
            navigate({ to: '/machines', search: { machine: machine.resourceId } }).catch(() => undefined)
          }}
          testId="extension-row"
        />
      )}
      <p className="note">{words.lines(shown.length)}</p>
    </>
  )
}

interface VersionsProps extends LinesProps {
  readonly program: (typeof programs)[number]
}

/** How the versions of a program spread over the machines; one narrows the table. */
function Versions({ program, lines, search, onChange }: VersionsProps): ReactNode {
  const found = versionsOf(lines, program)
  const most = Math.max(1, ...found.map(({ count }) => count))
  return (
    <table className="version-bars" aria-label={words.versions(words[program])}>
      <caption>{words.versions(words[program])}</caption>
      <tbody>
        {found.slice(0, VERSIONS_SHOWN).map(({ version, count }) => {
          const isChosen = search.program === program && search.version === version
          return (
            <tr key={version} data-testid={`version-${program}`}>
              <th scope="row">
                {version === '' ? (
                  <span className="note">{words.unknown}</span>
                ) : (
                  <button
                    type="button"
                    className="text-button"
                    aria-pressed={isChosen}
                    onClick={() =>
                      onChange(isChosen ? { program: undefined, version: undefined } : { program, version })
                    }
                  >
                    {safeText(version).slice(0, 40)}
                  </button>
                )}
              </th>
              <td>
                <span className="share">
                  <span
                    className={isChosen ? 'share-bar current' : 'share-bar'}
                    style={{ width: `${(count / most) * 70}%` }}
                  />
                  {count.toLocaleString()}
                </span>
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}

/** Versions that have a bar; the table finds the others by text. */
const VERSIONS_SHOWN = 6

const columns: readonly TableColumn<ExtensionLine>[] = [
  { id: 'machine', title: words.machine, width: 'minmax(80px, 2fr)', cell: ({ machine }) => cut(machine.computer) },
  { id: 'program', title: words.program, width: '124px', cell: ({ program }) => words[program] },
  { id: 'version', title: words.version, width: '72px', cell: ({ version }) => cut(version) },
  { id: 'state', title: words.state, width: 'minmax(120px, 3fr)', cell: ({ state }) => cut(state), isMinor: true },
  {
    id: 'seen',
    title: words.lastSeen,
    width: '160px',
    cell: ({ machine: { lastHeartbeatAt } }) =>
      lastHeartbeatAt === null ? words.none : <Moment time={lastHeartbeatAt} />,
    isMinor: true,
  },
]

function cut(value: string): ReactNode {
  const safe = safeText(value)
  return <span title={safe}>{safe}</span>
}
