import { Button, Tab, TabList, Tooltip } from '@fluentui/react-components'
import {
  Info20Regular,
  Search20Regular,
  SignOut20Regular,
  WeatherMoon20Regular,
  WeatherSunny20Regular,
} from '@fluentui/react-icons'
import { Outlet, useNavigate, useRouterState } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react'

import { signOut } from '../api/client.ts'
import { useLive } from '../api/use-live.ts'
import { frameWords as words } from '../words/frame.ts'
import { useTheme } from './theme.tsx'

const pages = [
  { path: '/', title: words.pages.changes },
  { path: '/inventory', title: words.pages.inventory },
  { path: '/machines', title: words.pages.machines },
  { path: '/rules', title: words.pages.rules },
  { path: '/extensions', title: words.pages.extensions },
  { path: '/logs', title: words.pages.logs },
] as const

const FindDialog = lazy(async () => ({ default: (await import('../find/find-dialog.tsx')).FindDialog }))

/** What is around every page. */
export function Frame(): ReactNode {
  const navigate = useNavigate()
  const path = useRouterState({ select: ({ location }) => location.pathname })
  const [isFinding, setFinding] = useFinding()
  return (
    <div className="frame">
      <a className="skip" href="#page">
        {words.skip}
      </a>
      <header>
        <span className="brand">{words.brand}</span>
        <TabList
          selectedValue={path}
          onTabSelect={(_, { value }) => {
            const to = pages.find((page) => page.path === value)?.path
            if (to !== undefined) navigate({ to }).catch(() => undefined)
          }}
        >
          {pages.map((page) => (
            <Tab key={page.path} value={page.path}>
              {page.title}
            </Tab>
          ))}
        </TabList>
        <span className="spring" />
        <Tools
          onFind={() => setFinding(true)}
          onAbout={() => {
            navigate({ to: '/about' }).catch(() => undefined)
          }}
        />
      </header>
      <main id="page" tabIndex={-1}>
        <Outlet />
      </main>
      {isFinding ? (
        <Suspense>
          <FindDialog onClose={() => setFinding(false)} />
        </Suspense>
      ) : null}
    </div>
  )
}

/** Whether somebody searches: Ctrl+K begins, wherever the focus is. */
function useFinding(): readonly [boolean, (isFinding: boolean) => void] {
  const [isFinding, setFinding] = useState(false)
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey) return
      event.preventDefault()
      setFinding(true)
    }
    document.addEventListener('keydown', listen, { capture: true })
    return () => document.removeEventListener('keydown', listen, { capture: true })
  }, [])
  return [isFinding, setFinding]
}

function Tools({ onFind, onAbout }: { readonly onFind: () => void; readonly onAbout: () => void }): ReactNode {
  const isLive = useLive()
  const { isDark, setDark } = useTheme()
  return (
    <>
      <Tooltip content={isLive ? words.liveHelp : words.offlineHelp} relationship="description">
        <output className={isLive ? 'live on' : 'live'} data-testid="live">
          {isLive ? words.live : words.offline}
        </output>
      </Tooltip>
      <Button
        appearance="subtle"
        aria-label={words.search}
        title={words.search}
        icon={<Search20Regular />}
        onClick={onFind}
      />
      <Button
        appearance="subtle"
        aria-label={isDark ? words.light : words.dark}
        icon={isDark ? <WeatherSunny20Regular /> : <WeatherMoon20Regular />}
        onClick={() => setDark(!isDark)}
      />
      <Button
        appearance="subtle"
        aria-label={words.pages.about}
        title={words.pages.about}
        icon={<Info20Regular />}
        onClick={onAbout}
      />
      <Button
        appearance="subtle"
        aria-label={words.signOut}
        icon={<SignOut20Regular />}
        onClick={() => {
          signOut()
            .then(() => location.reload())
            .catch(() => undefined)
        }}
      />
    </>
  )
}
