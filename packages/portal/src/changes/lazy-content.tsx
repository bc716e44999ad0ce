import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'

import type { AnswerRow } from '../api/answer-row.ts'
import type { KeptContents } from '../content/kept.ts'
import { Failure, Loading } from '../view/states.tsx'
import { changedThing } from './properties.ts'
import { programName } from './who.ts'

export interface LazyContentProps {
  readonly kept: KeptContents
  readonly row: AnswerRow
}

/** The content tab, whose code is loaded when it is opened for the first time. */
export function LazyContent({ kept, row }: LazyContentProps): ReactNode {
  // As a query: it has the states of loading and failing, and can be tried again, which `React.lazy` cannot.
  const { data, error, refetch } = useQuery({
    queryKey: ['code', 'content-tab'],
    queryFn: async () => await import('../content/content-tab.tsx'),
    staleTime: Number.POSITIVE_INFINITY,
    structuralSharing: false,
  })
  if (error) return <Failure error={error} retry={() => void refetch()} />
  if (data === undefined) return <Loading />
  const { ContentTab } = data
  return (
    <ContentTab kept={kept} fileName={programName(changedThing(row))} category={String(row['ChangeCategory'] ?? '')} />
  )
}
