import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'

/** How long rows may gather before the pages ask anew, in milliseconds. */
const GATHER_MS = 300

/** Asks anew for what a page shows when rows arrive; tells whether the connection stands. */
export function useLive(): boolean {
  const client = useQueryClient()
  const [isConnected, setConnected] = useState(false)
  useEffect(() => {
    const source = new EventSource('/api/live')
    let timer: ReturnType<typeof setTimeout> | undefined
    const refresh = (): void => {
      timer = undefined
      client.invalidateQueries({ queryKey: ['live'] }).catch(() => undefined)
    }
    source.addEventListener('open', () => {
      setConnected(true)
      // What arrived while there was no connection was told to nobody.
      timer ??= setTimeout(refresh, GATHER_MS)
    })
    source.addEventListener('error', () => setConnected(false))
    source.addEventListener('rows', () => void (timer ??= setTimeout(refresh, GATHER_MS)))
    return () => {
      clearTimeout(timer)
      source.close()
    }
  }, [client])
  return isConnected
}
