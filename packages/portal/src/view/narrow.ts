import { useSyncExternalStore } from 'react'

// The same width as in main.css.
const NARROW = '(width < 720px)'

/** Whether the window is too narrow for two things beside each other, also when that changes. */
export function useNarrow(): boolean {
  return useSyncExternalStore(subscribe, () => matchMedia(NARROW).matches)
}

function subscribe(tell: () => void): () => void {
  const query = matchMedia(NARROW)
  query.addEventListener('change', tell)
  return () => query.removeEventListener('change', tell)
}
