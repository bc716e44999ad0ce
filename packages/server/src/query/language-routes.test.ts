import { warmUpKql } from '@tidemark/kql'
import { tables } from '@tidemark/model'
import { fastify } from 'fastify'
import { beforeAll, expect, test } from 'vitest'

import { languageRoutes } from './language-routes.ts'

// Loading the analyzer takes a second, and far more on a busy machine.
beforeAll(() => warmUpKql(tables), 120_000)

async function ask(name: string, body: unknown): Promise<{ readonly status: number; readonly body: unknown }> {
  const app = fastify()
  languageRoutes(app)
  const response = await app.inject({
    method: 'POST',
    url: `/api/query/${name}`,
    payload: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  })
  await app.close()
  return { status: response.statusCode, body: response.json() }
}

const query = 'ConfigurationChange | where ConfigChangeType == "'

test.each([
  { name: 'complete', body: { query, offset: query.length }, has: 'Daemons' },
  { name: 'hover', body: { query, offset: 3 }, has: 'ConfigurationChange' },
  { name: 'signature', body: { query: 'print bin(1, ', offset: 13 }, has: 'activeParameter' },
  { name: 'format', body: { query: 'Heartbeat|where true|summarize count()' }, has: 'Heartbeat | where true' },
])('an editor asks to $name', async ({ name, body, has }) => {
  const answer = await ask(name, body)
  expect(answer.status).toBe(200)
  expect(JSON.stringify(answer.body)).toContain(has)
})

test('what is no question is refused', async () => {
  expect(await ask('complete', { query: 5 })).toMatchObject({
    status: 400,
    body: { error: { code: 'BadArgumentError' } },
  })
  expect((await ask('complete', { query: 'x'.repeat(70_000) })).status).toBe(400)
})
