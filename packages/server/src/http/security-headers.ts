import type { FastifyInstance } from 'fastify'

const ALWAYS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
}

/**
 * What browsers are told with each answer: not to guess types, not to frame, to keep nothing of the API, and (with TLS) to
 * come by TLS only. What a room says itself stays.
 */
export function securityHeaders(app: FastifyInstance, { isSecure }: { readonly isSecure: boolean }): void {
  app.addHook('onSend', async (_request, reply, payload) => {
    await Promise.resolve()
    const isPage = String(reply.getHeader('content-type') ?? '').startsWith('text/html')
    const defaults = {
      ...ALWAYS,
      'cache-control': 'no-store',
      ...(isPage ? {} : { 'content-security-policy': "default-src 'none'; frame-ancestors 'none'" }),
      ...(isSecure ? { 'strict-transport-security': 'max-age=31536000' } : {}),
    }
    for (const [name, value] of Object.entries(defaults)) if (!reply.hasHeader(name)) reply.header(name, value)
    return payload
  })
}
