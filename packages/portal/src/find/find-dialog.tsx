/* oxlint-disable jsx-a11y/prefer-tag-over-role -- a list that is chosen from while typing goes on has no element of its own (WAI-ARIA, "combobox") */
import './find.css'

import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type KeyboardEvent, type ReactNode, useDeferredValue, useEffect, useId, useRef, useState } from 'react'

import { query } from '../api/client.ts'
import { useMachines } from '../machines/use-machines.ts'
import { safeText } from '../view/text.ts'
import { findWords as words, frameWords } from '../words/frame.ts'
import { findQuery, type FoundItem, foundTypes, itemsIn } from './find-queries.ts'

interface Hit {
  readonly key: string
  readonly kind: string
  readonly name: string
  readonly note: string
  readonly go: () => void
}

/** Search over everything: pages, machines, packages, files, daemons. Arrows choose, Enter goes there, Escape closes. */
export function FindDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null)
  const list = useId()
  const [text, setText] = useState('')
  const [active, setActive] = useState(0)
  const { hits, said } = useHits(text.trim())
  useEffect(() => {
    dialog.current?.showModal()
  }, [])
  const go = (hit: Hit | undefined): void => {
    if (hit === undefined) return
    onClose()
    hit.go()
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 }
    const step = steps[event.key]
    if (step !== undefined) {
      event.preventDefault()
      setActive(Math.max(0, Math.min(hits.length - 1, active + step)))
    } else if (event.key === 'Enter') {
      event.preventDefault()
      go(hits[active])
    }
  }
  return (
    <dialog ref={dialog} className="find" aria-label={words.title} onClose={onClose} data-testid="find">
      <input
        role="combobox"
        aria-label={words.title}
        aria-expanded={hits.length > 0}
        aria-controls={list}
        aria-autocomplete="list"
        {...(hits[active] ? { 'aria-activedescendant': `${list}-${active}` } : {})}
        // oxlint-disable-next-line jsx-a11y/no-autofocus -- whoever opens a search wants to type
        autoFocus
        placeholder={words.hint}
        value={text}
        onChange={(event) => {
          setText(event.target.value)
          setActive(0)
        }}
        onKeyDown={onKeyDown}
      />
      <Hits list={list} hits={hits} active={active} onActive={setActive} onGo={go} onKeyDown={onKeyDown} />
      <output className="note">{said}</output>
    </dialog>
  )
}

interface HitsProps {
  readonly list: string
  readonly hits: readonly Hit[]
  readonly active: number
  readonly onActive: (index: number) => void
  readonly onGo: (hit: Hit) => void
  readonly onKeyDown: (event: KeyboardEvent) => void
}

function Hits({ list, hits, active, onActive, onGo, onKeyDown }: HitsProps): ReactNode {
  return (
    <div role="listbox" id={list} aria-label={words.results}>
      {hits.map((hit, index) => (
        <div
          key={hit.key}
          id={`${list}-${index}`}
          role="option"
          tabIndex={-1}
          aria-selected={index === active}
          data-testid="find-hit"
          onClick={() => onGo(hit)}
          onKeyDown={onKeyDown}
          onMouseMove={() => onActive(index)}
        >
          <span className="find-kind">{hit.kind}</span>
          <span className="find-name" title={safeText(hit.name)}>
            {safeText(hit.name)}
          </span>
          <span className="note">{hit.note}</span>
        </div>
      ))}
    </div>
  )
}

/** Machines that a search shows. */
const MACHINES_MAX = 8

const pages = [
  { to: '/', title: frameWords.pages.changes },
  { to: '/inventory', title: frameWords.pages.inventory },
  { to: '/machines', title: frameWords.pages.machines },
  { to: '/rules', title: frameWords.pages.rules },
  { to: '/extensions', title: frameWords.pages.extensions },
  { to: '/logs', title: frameWords.pages.logs },
  { to: '/about', title: frameWords.pages.about },
] as const

function useHits(text: string): { readonly hits: readonly Hit[]; readonly said: string } {
  const navigate = useNavigate()
  const asked = useDeferredValue(text)
  const { data: machines = [] } = useMachines()
  const { data, error, isFetching } = useQuery({
    queryKey: ['find', asked],
    queryFn: async ({ signal }) => {
      const found = foundTypes.map(async (type) => itemsIn(type, (await query(findQuery(type, asked), signal)).rows))
      return (await Promise.all(found)).flat()
    },
    enabled: asked.length > 1,
  })
  const has = (name: string): boolean => name.toLowerCase().includes(text.toLowerCase())
  const go = (going: Promise<void>): void => void going.catch(() => undefined)
  const found: Hit[] = [
    ...pages
      .filter(({ title }) => has(title))
      .map(({ to, title }) => ({ key: to, kind: words.page, name: title, note: '', go: () => go(navigate({ to })) })),
    ...(text === '' ? [] : machines.filter(({ computer }) => has(computer)))
      .slice(0, MACHINES_MAX)
      .map(({ computer, resourceId, status }) => ({
        key: `machine ${resourceId}`,
        kind: words.machine,
        name: computer,
        note: status,
        go: () => go(navigate({ to: '/machines', search: { machine: resourceId } })),
      })),
    ...(text.length > 1 ? (data ?? []) : []).map((item) => ({
      key: `${item.type} ${item.name}`,
      kind: kinds[item.type],
      name: item.name,
      note: words.on(item.machines),
      go: () => go(navigate({ to: '/inventory', search: { tab: tabOf[item.type], text: item.name } })),
    })),
    ...(text === '' ? [] : [changesHit(text, () => go(navigate({ to: '/', search: { text, span: '30d' } })))]),
  ]
  const said = error ? words.failed : isFetching ? words.searching : found.length === 0 ? words.nothing : ''
  return { hits: found, said }
}

function changesHit(text: string, go: () => void): Hit {
  return { key: 'changes', kind: words.changes, name: words.changesWith(text), note: '', go }
}

const kinds: Readonly<Record<FoundItem['type'], string>> = {
  Software: words.software,
  Files: words.files,
  Daemons: words.daemons,
}
const tabOf = { Software: 'software', Files: 'files', Daemons: 'daemons' } as const
