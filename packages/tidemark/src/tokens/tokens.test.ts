// Goal: a token that the command makes opens what its scopes say, is listed without its secret, and ends when it is revoked.
// Method: the commands as a person types them, against a real server.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { systemClock } from '@tidemark/base'
import { openServer, type Server, serverSettings } from '@tidemark/server'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { runProgram } from '../program.ts'
import { momentAfter } from './tokens.ts'

let folder = ''
let server: Server
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-tokens-'))
  server = await openServer(serverSettings.parse({ stateFolder: folder, port: 0 }), {
    clock: systemClock,
    log: pino({ level: 'silent' }),
    signal: new AbortController().signal,
  })
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

async function command(...words: readonly string[]): Promise<{ output: string; errors: string; code: number }> {
  const said = { output: '', errors: '', code: 0 }
  await runProgram(['tokens', ...words, '--server', server.url, '--token-file', server.adminTokenFile], {
    terminal: {
      isInteractive: false,
      isColoured: false,
      columns: 100,
      write: (text: string) => void (said.output += text),
      writeError: (text: string) => void (said.errors += text),
    },
    environment: {},
    folder,
    signal: new AbortController().signal,
    setExitCode: (code) => void (said.code = code),
  })
  return said
}

const statusWith = async (token: string, path = '/api/machines') =>
  (await fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${token}` } })).status

test('a token is made, works, is listed, and is revoked', async () => {
  const made = await command('create', 'dashboard', '--scope', 'read', '--expires', '90d')
  const token = made.output.trim()
  expect(token).toMatch(/^tm_api_[\w-]{43}$/)
  expect(made.errors).toMatch(/^dashboard: read; good until 20.*Revoke it by [0-9a-f-]{36}\n$/)
  expect([await statusWith(token), await statusWith(token, '/api/tokens')]).toEqual([200, 403])

  const listed = await command('list')
  expect(listed.output).toContain('dashboard')
  expect(listed.output).not.toContain(token)
  const [one] = (await command('list', '--json')).output.split('\n')
  const { id } = JSON.parse(one ?? '') as { id: string }
  expect(await command('revoke', id)).toMatchObject({ code: 0, errors: `${id} is revoked\n` })
  expect(await statusWith(token)).toBe(401)
  expect((await command('revoke', id)).code).toBe(1)
  expect(readFileSync(join(folder, 'metadata.db')).includes(token)).toBe(false)
})

test.each([
  [['create', 'x', '--scope', 'everything'], 2, 'there is no scope everything'],
  [['create', 'x', '--scope', 'read', '--workspace', 'nowhere'], 2, 'there is no workspace nowhere'],
  [['create', 'x', '--scope', 'read', '--expires', 'soon'], 2, 'is no time span'],
  [['create', 'x'], 2, '--scope'],
])('%j ends with code %i', async (words, code, message) => {
  const said = await command(...words)
  expect([said.code, said.errors]).toEqual([code, expect.stringContaining(message)])
})

test('spans become moments', () => {
  expect(momentAfter('90d', 0)).toBe('1970-04-01T00:00:00.000Z')
  expect(() => momentAfter('0d', 0)).toThrow('no time that a token can be good for')
})
