import { FluentProvider, webDarkTheme, webLightTheme } from '@fluentui/react-components'
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react'

interface ThemeChoice {
  readonly isDark: boolean
  readonly setDark: (isDark: boolean) => void
}

const Choice = createContext<ThemeChoice>({ isDark: false, setDark: () => undefined })
const STORED = 'tidemark-colours'

/** The colours that the viewer chose, else those of the system, also when they change. */
export function ThemeProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const system = useMemo(() => matchMedia('(prefers-color-scheme: dark)'), [])
  const [isDark, setState] = useState(() => {
    const stored = localStorage.getItem(STORED)
    return stored === null ? system.matches : stored === 'dark'
  })
  useEffect(() => {
    const follow = (): void => {
      if (localStorage.getItem(STORED) === null) setState(system.matches)
    }
    system.addEventListener('change', follow)
    return () => system.removeEventListener('change', follow)
  }, [system])
  const choice = useMemo(
    () => ({
      isDark,
      setDark: (next: boolean) => {
        localStorage.setItem(STORED, next ? 'dark' : 'light')
        setState(next)
      },
    }),
    [isDark],
  )
  return (
    <Choice value={choice}>
      <FluentProvider
        theme={isDark ? webDarkTheme : webLightTheme}
        className={isDark ? 'colours dark' : 'colours'}
        // As the page itself says, which goes with the language of its words.
        dir={document.documentElement.dir === 'rtl' ? 'rtl' : 'ltr'}
      >
        {/* The provider's classes go to drawers and tooltips too: they may hold colours, and no size. */}
        <div className="ground">{children}</div>
      </FluentProvider>
    </Choice>
  )
}

export function useTheme(): ThemeChoice {
  return useContext(Choice)
}
