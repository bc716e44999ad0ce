import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'

import { refuse } from '../http/api-error.ts'
import { isBuilt } from './host/built.ts'

/** What pages may load: our own files, and nothing from anywhere else. Fluent UI writes its styles into the page. */
const POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; frame-ancestors 'none'; base-uri 'none'"

const NOT_BUILT = `<!doctype html><meta charset="utf-8"><title>Tidemark</title>
<p>The portal is not built here. <code>npm start</code> builds it; the API works without it.</p>
`

/** Paths of the portal's own files, which anybody may load: what they show is asked for with a token. */
export const PORTAL_PATHS: readonly string[] = ['/', '/*']

/** Serves the built portal; each path that is no file and no API is one of its pages. */
export function portalRoutes(app: FastifyInstance, folder: string | undefined): void {
  const isThere = folder !== undefined && isBuilt(folder)
  app.addHook('onSend', async (_request, reply, payload) => {
    await Promise.resolve()
    reply.header('x-content-type-options', 'nosniff').header('referrer-policy', 'no-referrer')
    if (String(reply.getHeader('content-type') ?? '').startsWith('text/html'))
      reply.header('content-security-policy', POLICY)
    return payload
  })
  if (isThere)
    app.register(fastifyStatic, {
      root: folder,
      setHeaders: (reply, path) => {
        // Names of built files hold their hash; the page that names them does not.
        reply.header('cache-control', path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache')
        // Also with 304, which has no type: a browser takes its headers in place of those that it kept with the page.
        if (path.endsWith('.html')) reply.header('content-security-policy', POLICY)
      },
    })
  app.setNotFoundHandler(async (request, reply) => {
    await Promise.resolve()
    const isPage =
      request.method === 'GET' && (request.headers.accept ?? '').includes('text/html') && !isApi(request.url)
    if (!isPage)
      return refuse(reply, 404, { code: 'NotFound', message: `nothing is at ${request.method} ${request.url}` })
    if (isThere) return reply.header('cache-control', 'no-cache').sendFile('index.html')
    return reply.code(503).type('text/html').send(NOT_BUILT)
  })
  if (!isThere) app.get('/', async (_request, reply) => await reply.code(503).type('text/html').send(NOT_BUILT))
}

function isApi(url: string): boolean {
  return /^\/(api|v1|ods|changes|dataCollectionRules|subscriptions|locations|healthz)(\/|\?|$)/.test(url)
}
