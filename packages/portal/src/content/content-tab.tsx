import './content.css'

import { Button, MessageBar, MessageBarBody, MessageBarTitle, ToggleButton } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useMemo, useState } from 'react'

import { contentDiff, contentText, RequestFailed } from '../api/client.ts'
import { useNarrow } from '../view/narrow.ts'
import { Failure, Loading } from '../view/states.tsx'
import { linesOf, rowsOf } from './diff-rows.ts'
import { Inline, OneVersion, SideBySide } from './diff-table.tsx'
import type { KeptContents } from './kept.ts'
import { BinaryFacts, type ShownVersion, VersionHeads } from './version-head.tsx'

export interface ContentTabProps {
  readonly kept: KeptContents
  /** Name of the file, for downloads. */
  readonly fileName: string
  /** What became of the file, as `ChangeCategory` says it. */
  readonly category: string
}

/** *Content*: the two kept versions of a file, or the one that there is. */
export function ContentTab({ kept: { before, after }, fileName, category }: ContentTabProps): ReactNode {
  return (
    <div className="content" data-testid="content">
      {before !== undefined && after !== undefined && before !== after ? (
        <Difference before={before} after={after} fileName={fileName} />
      ) : (
        <Single
          hash={after ?? before ?? ''}
          fileName={fileName}
          which={after === undefined ? 'before' : 'after'}
          why={whySingle({ before, after }, category)}
        />
      )}
    </div>
  )
}

function whySingle({ before, after }: KeptContents, category: string): string {
  if (before === after) return 'The content is the same before and after.'
  if (after === undefined)
    return category === 'Removed' ? 'The file is gone; this is what it held.' : 'Of the version after, nothing is kept.'
  return category === 'Added' ? 'The file is new.' : 'Of the version before, nothing is kept.'
}

interface DifferenceProps {
  readonly before: string
  readonly after: string
  readonly fileName: string
}

function Difference({ before, after, fileName }: DifferenceProps): ReactNode {
  const { data, error, refetch } = useQuery({
    queryKey: ['content', before, after],
    queryFn: async ({ signal }) => await contentDiff(before, after, signal),
    // What a hash stands for never changes.
    staleTime: Number.POSITIVE_INFINITY,
  })
  const rows = useMemo(() => rowsOf(data?.hunks ?? []), [data])
  const { isInline, choice } = useInlineChoice()
  if (error) return <ContentFailure error={error} retry={() => void refetch()} />
  if (data === undefined) return <Loading />
  const versions = [
    { title: 'Before', content: data.from },
    { title: 'After', content: data.to },
  ] as const
  return (
    <>
      <VersionHeads versions={versions} fileName={fileName} />
      {versions.every(({ content }) => content.isText) ? (
        <>
          {rows.length === 0 ? <p className="note">{NOTHING_DIFFERS}</p> : choice}
          {rows.length === 0 ? null : isInline ? <Inline rows={rows} /> : <SideBySide rows={rows} />}
        </>
      ) : (
        <BinaryFacts versions={versions} />
      )}
    </>
  )
}

const NOTHING_DIFFERS =
  'In what is shown, nothing differs: the versions differ in secrets that are hidden, in what is cut off, or in their encoding.'

const STORED = 'tidemark-content-view'

/** Inline or side by side, as it was chosen last; always inline where the window is narrow. */
function useInlineChoice(): { readonly isInline: boolean; readonly choice: ReactNode } {
  const [isInline, setState] = useState(() => localStorage.getItem(STORED) === 'inline')
  const isNarrow = useNarrow()
  const choose = (next: boolean): void => {
    localStorage.setItem(STORED, next ? 'inline' : 'side')
    setState(next)
  }
  const choice = isNarrow ? null : (
    <fieldset aria-label="How versions are shown" className="content-choice">
      <ToggleButton size="small" checked={!isInline} onClick={() => choose(false)}>
        Side by side
      </ToggleButton>
      <ToggleButton size="small" checked={isInline} onClick={() => choose(true)}>
        Inline
      </ToggleButton>
    </fieldset>
  )
  return { isInline: isInline || isNarrow, choice }
}

interface SingleProps {
  readonly hash: string
  readonly fileName: string
  readonly which: 'before' | 'after'
  /** Why there is only one. */
  readonly why: string
}

function Single({ hash, fileName, which, why }: SingleProps): ReactNode {
  const { data, error, refetch } = useQuery({
    queryKey: ['content', hash],
    queryFn: async ({ signal }) => await contentText(hash, signal),
    staleTime: Number.POSITIVE_INFINITY,
  })
  const lines = useMemo(() => linesOf(data?.text ?? ''), [data])
  if (error) return <ContentFailure error={error} retry={() => void refetch()} />
  if (data === undefined) return <Loading />
  const versions: readonly ShownVersion[] = [{ title: which === 'before' ? 'Before' : 'After', content: data }]
  return (
    <>
      <p className="note">{why}</p>
      <VersionHeads versions={versions} fileName={fileName} />
      {!data.isText ? <BinaryFacts versions={versions} /> : null}
      {data.isText && lines.length === 0 ? <p className="note">It is empty.</p> : null}
      {lines.length === 0 ? null : <OneVersion lines={lines} label={`The version ${which}`} />}
    </>
  )
}

/** Why a content cannot be shown, and what to do about it. */
function ContentFailure({ error, retry }: { readonly error: Error; readonly retry: () => void }): ReactNode {
  const status = error instanceof RequestFailed ? error.status : 0
  if (status !== 403 && status !== 404) return <Failure error={error} retry={retry} />
  const [title, advice] =
    status === 403
      ? [
          'You may not see contents',
          'The right to see changes does not include it. Ask whoever runs this server for it.',
        ]
      : ['This content is not here', 'It may still be on its way, or it was not kept; the machine’s agent tells which.']
  return (
    <MessageBar intent="warning" layout="multiline" data-testid="content-failure">
      <MessageBarBody>
        <MessageBarTitle>{title}</MessageBarTitle>
        {advice} (The server says: {error.message}){' '}
        <Button size="small" onClick={retry}>
          Try again
        </Button>
      </MessageBarBody>
    </MessageBar>
  )
}
