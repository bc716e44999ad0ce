import { Button, Tab, TabList, Tooltip } from '@fluentui/react-components'
import { SignOut20Regular, WeatherMoon20Regular, WeatherSunny20Regular } from '@fluentui/react-icons'
import { Outlet, useNavigate, useRouterState } from '@tanstack/react-router'
import type { ReactNode } from 'react'

import { signOut } from '../api/client.ts'
import { useLive } from '../api/use-live.ts'
import { useTheme } from './theme.tsx'

const pages = [
  { path: '/', title: 'Change tracking' },
  { path: '/inventory', title: 'Inventory' },
  { path: '/machines', title: 'Machines' },
  { path: '/logs', title: 'Logs' },
] as const

/** What is around every page. */
export function Frame(): ReactNode {
  const navigate = useNavigate()
  const path = useRouterState({ select: ({ location }) => location.pathname })
  const isLive = useLive()
  const { isDark, setDark } = useTheme()
  return (
    <div className="frame">
      <header>
        <span className="brand">Tidemark</span>
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
        <Tooltip
          content={isLive ? 'Changes appear by themselves' : 'Not connected; trying again'}
          relationship="description"
        >
          <output className={isLive ? 'live on' : 'live'} data-testid="live">
            {isLive ? 'Live' : 'Offline'}
          </output>
        </Tooltip>
        <Button
          appearance="subtle"
          aria-label={isDark ? 'Light colours' : 'Dark colours'}
          icon={isDark ? <WeatherSunny20Regular /> : <WeatherMoon20Regular />}
          onClick={() => setDark(!isDark)}
        />
        <Button
          appearance="subtle"
          aria-label="Sign out"
          icon={<SignOut20Regular />}
          onClick={() => {
            signOut()
              .then(() => location.reload())
              .catch(() => undefined)
          }}
        />
      </header>
      <main>
        <Outlet />
      </main>
    </div>
  )
}
