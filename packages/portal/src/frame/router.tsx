import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router'

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
  // `machine` is the resource id of the one that is open beside the table.
  validateSearch: (search: Readonly<Record<string, unknown>>): { machine?: string } =>
    typeof search['machine'] === 'string' ? { machine: search['machine'] } : {},
  component: lazyRouteComponent(() => import('../machines/page.tsx'), 'MachinesPage'),
})

/** Every page by its address. */
export const router = createRouter({ routeTree: root.addChildren([changes, inventory, machines]) })

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
