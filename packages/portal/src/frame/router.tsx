import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router'

import { basePath } from '../api/base-path.ts'
import { parseLogsSearch } from '../logs/logs-view.ts'
import { parseExtensionsSearch } from '../extensions/extension-view.ts'
import { parseMachinesSearch } from '../machines/machine-view.tsx'
import { parseRulesSearch } from '../rules/rules-view.ts'
import { addressText, parseAddress } from '../view/address.ts'
import { parseChangeSearch } from '../changes/change-view.ts'
import { ChangesPage } from '../changes/page.tsx'
import { parseInventorySearch } from '../inventory/inventory-view.ts'
import { Frame } from './frame.tsx'

const root = createRootRoute({ component: Frame })
const changes = createRoute({
  getParentRoute: () => root,
  path: '/',
  validateSearch: parseChangeSearch,
  component: ChangesPage,
})
const inventory = createRoute({
  getParentRoute: () => root,
  path: '/inventory',
  validateSearch: parseInventorySearch,
  component: lazyRouteComponent(() => import('../inventory/page.tsx'), 'InventoryPage'),
})
const machines = createRoute({
  getParentRoute: () => root,
  path: '/machines',
  validateSearch: parseMachinesSearch,
  component: lazyRouteComponent(() => import('../machines/page.tsx'), 'MachinesPage'),
})

const rules = createRoute({
  getParentRoute: () => root,
  path: '/rules',
  validateSearch: parseRulesSearch,
  component: lazyRouteComponent(() => import('../rules/page.tsx'), 'RulesPage'),
})

const logs = createRoute({
  getParentRoute: () => root,
  path: '/logs',
  validateSearch: parseLogsSearch,
  component: lazyRouteComponent(() => import('../logs/page.tsx'), 'LogsPage'),
})

const extensions = createRoute({
  getParentRoute: () => root,
  path: '/extensions',
  validateSearch: parseExtensionsSearch,
  component: lazyRouteComponent(() => import('../extensions/page.tsx'), 'ExtensionsPage'),
})

const about = createRoute({
  getParentRoute: () => root,
  path: '/about',
  component: lazyRouteComponent(() => import('../about/page.tsx'), 'AboutPage'),
})

/** Every page by its address. */
export const router = createRouter({
  routeTree: root.addChildren([changes, inventory, machines, rules, extensions, logs, about]),
  basepath: basePath,
  parseSearch: parseAddress,
  stringifySearch: addressText,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
