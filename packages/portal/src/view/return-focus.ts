import { type RefObject, useEffect, useRef } from 'react'

/** Gives the focus back, when something that lay over the page closes, to what had it before that opened. */
export function useReturnFocus(isOpen: boolean): void {
  const last = useRef<HTMLElement>(undefined)
  useEffect(() => {
    if (isOpen) {
      const before = last.current
      return () => {
        if (before?.isConnected === true) before.focus({ preventScroll: true })
      }
    }
    const remember = ({ target }: FocusEvent): void => {
      if (target instanceof HTMLElement) last.current = target
    }
    document.addEventListener('focusin', remember)
    return () => document.removeEventListener('focusin', remember)
  }, [isOpen])
}

/**
 * Keeps the focus in what lies over the page when what had it gives way to something else: without, no key is heard there.
 * The element that gets it has a `tabIndex`.
 */
export function useKeptFocus<T extends HTMLElement>(isOpen: boolean): RefObject<T | null> {
  const part = useRef<T>(null)
  useEffect(() => {
    if (isOpen && document.activeElement === document.body) part.current?.focus({ preventScroll: true })
  })
  return part
}
