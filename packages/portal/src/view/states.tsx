import {
  Body1,
  Button,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  Skeleton,
  SkeletonItem,
  Subtitle2,
} from '@fluentui/react-components'
import type { ReactNode } from 'react'

import { RequestFailed } from '../api/client.ts'
import { stateWords as words } from '../words/states.ts'

/** Nothing to show, and what to do about it. */
export function Empty({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactNode {
  return (
    <div className="empty" data-testid="empty">
      <Subtitle2 as="h2">{title}</Subtitle2>
      <Body1>{children}</Body1>
    </div>
  )
}

/** What went wrong, and the button that tries again. */
export function Failure({ error, retry }: { readonly error: Error; readonly retry: () => void }): ReactNode {
  const isAway = error instanceof RequestFailed && (error.status === 0 || error.status >= 500)
  return (
    <MessageBar intent="error" data-testid="failure" layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>{isAway ? words.away : words.failed}</MessageBarTitle>
        {error.message} {isAway ? `${words.isItRunning} ` : ''}
        <Button size="small" onClick={retry}>
          {words.again}
        </Button>
      </MessageBarBody>
    </MessageBar>
  )
}

/** What stands where rows will be; with a chart above them, as high as the chart, so that nothing moves when it comes. */
export function Loading({ hasChart = false }: { readonly hasChart?: boolean }): ReactNode {
  return (
    <Skeleton aria-label={words.loading} className="loading">
      {hasChart ? <SkeletonItem className="loading-chart" /> : null}
      {[1, 2, 3, 4, 5, 6].map((line) => (
        <SkeletonItem key={line} size={24} />
      ))}
    </Skeleton>
  )
}
