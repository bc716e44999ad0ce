import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'

import type { People } from './people.ts'
import { type Right, rightOfHandler, rights } from './rights.ts'

/**
 * Who may use a route: whoever has the right; or `anybody`, `machine` (by its own token) or `uploader` (by an ingestion
 * token) or `server` (by the cluster's key), which the route's room checks itself; or what a function says of the request, `undefined` for nobody.
 */
export type RouteAccess =
  | Right
  | 'anybody'
  | 'machine'
  | 'uploader'
  | 'server'
  | ((request: FastifyRequest) => RequestAccess)
/** Who may send one request. */
export type RequestAccess = Right | 'machine' | 'anybody' | undefined

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: RouteAccess
  }
}

/** A route and who may use it. */
export interface DeclaredRoute {
  readonly method: string
  readonly url: string
  readonly access: RouteAccess
}

const OWN_ROOMS: ReadonlySet<unknown> = new Set(['anybody', 'machine', 'uploader', 'server', undefined])

/**
 * Deny by default: from here on, a route that does not say who may use it cannot be registered (`config.access`, or a
 * `preHandler` of `People.requires`). Who may not is refused before the body is read. Returns the routes as they come.
 * `open` are paths of the portal's files, which anybody may load.
 */
export function guardRoutes(app: FastifyInstance, people: People, open: readonly string[] = []): DeclaredRoute[] {
  const declared: DeclaredRoute[] = []
  app.addHook('onRoute', (route) => {
    const access = open.includes(route.url) ? 'anybody' : declaredAccess(route)
    const methods = Array.isArray(route.method) ? route.method : [route.method]
    if (access === undefined)
      throw new Error(
        `${methods.join(', ')} ${route.url} does not say who may use it: give it config: { access: … } (access/guard.ts)`,
      )
    route.config = { ...route.config, access }
    declared.push(...methods.map((method) => ({ method, url: route.url, access })))
  })
  app.addHook('onRequest', async (request, reply) => {
    if (!(await mayGoOn(people, request, reply))) return reply
  })
  return declared
}

function declaredAccess(route: RouteOptions): RouteAccess | undefined {
  if (route.config?.access !== undefined) return route.config.access
  const handlers = [route.preHandler ?? []].flat()
  return handlers.map((handler) => rightOfHandler.get(handler)).find((right) => right !== undefined)
}

async function mayGoOn(people: People, request: FastifyRequest, reply: FastifyReply): Promise<boolean> {
  const { access } = request.routeOptions.config
  const asked = typeof access === 'function' ? access(request) : access
  // What no route takes is answered 404 without a look at anything.
  if (OWN_ROOMS.has(asked)) return true
  const right = rights.find((one) => one === asked)
  return right === undefined || (await people.check(request, reply, right))
}
