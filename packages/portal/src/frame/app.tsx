import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { type ReactNode, useEffect, useState } from 'react'

import { about, RequestFailed, signIn } from '../api/client.ts'
import { Failure, Loading } from '../view/states.tsx'
import { router } from './router.tsx'
import { SignIn } from './sign-in.tsx'
import { ThemeProvider } from './theme.tsx'

type Entry =
  | { readonly kind: 'looking' | 'in' }
  | { readonly kind: 'out'; readonly complaint: string }
  | { readonly kind: 'failed'; readonly error: Error }

/** Everything: signs in, then shows the pages. */
export function App(): ReactNode {
  const [entry, setEntry] = useState<Entry>({ kind: 'looking' })
  const [client] = useState(() => newClient(() => setEntry({ kind: 'out', complaint: '' })))
  useEffect(() => {
    if (entry.kind === 'looking') enter().then(setEntry, () => undefined)
  }, [entry])
  return (
    <ThemeProvider>
      <QueryClientProvider client={client}>
        {entry.kind === 'looking' ? <Loading /> : null}
        {entry.kind === 'in' ? <RouterProvider router={router} /> : null}
        {entry.kind === 'out' ? (
          <SignIn complaint={entry.complaint} onSignedIn={() => setEntry({ kind: 'in' })} />
        ) : null}
        {entry.kind === 'failed' ? <Failure error={entry.error} retry={() => setEntry({ kind: 'looking' })} /> : null}
      </QueryClientProvider>
    </ThemeProvider>
  )
}

/** Asks again where that may help; a session that ended leads to the sign-in. */
function newClient(onSignedOut: () => void): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        refetchOnWindowFocus: false,
        retry: (count, error) => {
          if (error instanceof RequestFailed && error.status === 401) onSignedOut()
          return count < 3 && error instanceof RequestFailed && (error.status === 0 || error.status === 503)
        },
      },
    },
  })
}

/** With the token in the address (`#token=…`, which no server sees), else with the session that this browser has. */
async function enter(): Promise<Entry> {
  const [, token] = /^#token=(.+)$/.exec(location.hash) ?? []
  try {
    if (token !== undefined) {
      history.replaceState(null, '', location.pathname + location.search)
      await signIn(decodeURIComponent(token))
    }
    await about()
    return { kind: 'in' }
  } catch (error) {
    if (error instanceof RequestFailed && (error.status === 401 || error.status === 429))
      return { kind: 'out', complaint: token === undefined ? '' : error.message }
    return { kind: 'failed', error: error instanceof Error ? error : new Error(String(error)) }
  }
}
