import { fastify } from 'fastify'
import { expect, test } from 'vitest'

import { precondition } from './etag.ts'

async function answered(method: 'GET' | 'PUT', headers: Record<string, string>, etag?: string): Promise<number> {
  const app = fastify()
  const present = etag === undefined ? undefined : { etag }
  app.all('/', async (request, reply) => precondition(request, reply, present) ?? (await reply.send('on')))
  return (await app.inject({ method, url: '/', headers })).statusCode
}

test.each([
  ['PUT', {}, '"a"', 200],
  ['PUT', { 'if-match': '"a"' }, '"a"', 200],
  ['PUT', { 'if-match': 'a' }, '"a"', 200],
  ['PUT', { 'if-match': '"b", "a"' }, '"a"', 200],
  ['PUT', { 'if-match': '*' }, '"a"', 200],
  ['PUT', { 'if-match': '"b"' }, '"a"', 412],
  ['PUT', { 'if-match': '*' }, undefined, 412],
  ['PUT', { 'if-match': '"a"' }, undefined, 412],
  ['PUT', { 'if-none-match': '*' }, '"a"', 412],
  ['PUT', { 'if-none-match': '*' }, undefined, 200],
  ['PUT', { 'if-none-match': '"b"' }, '"a"', 200],
  ['GET', { 'if-none-match': 'W/"a"' }, '"a"', 304],
  ['GET', { 'if-none-match': '"b"' }, '"a"', 200],
  ['GET', { 'if-none-match': '*' }, undefined, 200],
] as const)('%s with %j where the tag is %s: %i', async (method, headers, etag, status) => {
  expect(await answered(method, headers, etag)).toBe(status)
})
