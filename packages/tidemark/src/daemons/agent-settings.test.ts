import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { agentPlaces } from '@tidemark/model'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { readAgentSettings } from './agent-settings.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tidemark-settings-'))
  mkdirSync(dirname(agentPlaces(root).settings), { recursive: true })
})
afterEach(() => rmSync(root, { recursive: true }))
const write = (text: string): void => writeFileSync(agentPlaces(root).settings, text)
const surroundings = { folder: '/', proxies: { httpsProxy: 'http://proxy:3128' } }

test('the file says, the command line wins, the rest is as documented', async () => {
  write(
    '{\n  // ours\n  "sockets": { "directory": "/run/x", "users": ["root", 7] },\n  "upload": { "intervalMs": 5 },\n}',
  )
  const settings = await readAgentSettings({ root, uploadInterval: 9_000, logLevel: 'debug' }, surroundings)
  expect(settings).toMatchObject({
    root,
    sockets: { directory: '/run/x', users: ['root', 7] },
    upload: { intervalMs: 9_000 },
    rules: { refreshMs: 300_000 },
    proxy: { httpsProxy: 'http://proxy:3128' },
    log: { level: 'debug', fileBytesMax: 10_485_760, filesMax: 5 },
    sink: { bytesMax: 1_073_741_824, diskFreeBytesMin: 134_217_728 },
  })
})

test('without a file all is as documented', async () => {
  expect(await readAgentSettings({ root }, surroundings)).toMatchObject({ root, log: { level: 'info' } })
})

test.each([
  { text: '{"sink": {"bytesMax": -1}}', said: 'sink.bytesMax' },
  { text: '{"sinks": {}}', said: 'sinks' },
  { text: '{\n  "sink": [,\n}', said: 'line 2, column 12' },
  { text: '[]', said: 'settings are a JSON object' },
  { text: '{"upload": 5}', said: 'upload' },
])('$text is refused with its place', async ({ text, said }) => {
  write(text)
  await expect(readAgentSettings({ root }, surroundings)).rejects.toThrow(said)
})

test('a file that is named must be there', async () => {
  const options = { root, settings: 'none.json' }
  await expect(readAgentSettings(options, surroundings)).rejects.toThrow('/none.json cannot be read')
})
