import { useEffect, useRef } from 'react'

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
