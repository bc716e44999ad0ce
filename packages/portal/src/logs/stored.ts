import { useState } from 'react'

/** A query that somebody kept under a name. */
export interface SavedQuery {
  readonly name: string
  readonly query: string
}

/** Something that this browser keeps for the viewer, and the function that changes it. A damaged store is an empty one. */
export function useStored<T>(key: string, read: (value: unknown) => T): readonly [T, (next: T) => void] {
  const [value, setValue] = useState<T>(() => read(storedValue(key)))
  const keep = (next: T): void => {
    setValue(next)
    try {
      localStorage.setItem(key, JSON.stringify(next))
    } catch {
      // The browser keeps nothing for this page, or has no room: it stays until the page is left.
    }
  }
  return [value, keep]
}

function storedValue(key: string): unknown {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key) ?? 'null')
    return value
  } catch {
    return null
  }
}

/** The texts of a stored list. */
export function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : []
}

/** The saved queries of a stored list. */
export function savedIn(value: unknown): readonly SavedQuery[] {
  return Array.isArray(value) ? value.filter(isSaved) : []
}

function isSaved(value: unknown): value is SavedQuery {
  const isObject = typeof value === 'object' && value !== null
  return (
    isObject && 'name' in value && 'query' in value && typeof value.name === 'string' && typeof value.query === 'string'
  )
}
