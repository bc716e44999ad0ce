// Goal: what the portal shows of a rule's life, the commands do too: history, differences, roll-back, import, forecasts.
// Method: the commands as a person types them, against a real server; a machine of a few lines answers the forecast.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { systemClock } from '@tidemark/base'
import { ruleAround } from '@tidemark/model'
import { openServer, type Server, serverSettings } from '@tidemark/server'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { runProgram } from '../program.ts'

let folder = ''
let server: Server

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-history-'))
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

async function rules(...words: readonly string[]): Promise<{ output: string; errors: string; code: number }> {
  const said = { output: '', errors: '', code: 0 }
  await runProgram(['rules', ...words, '--server', server.url, '--token-file', server.adminTokenFile], {
    terminal: {
      isInteractive: false,
      isColoured: false,
      columns: 120,
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

const settings = (path: string): Record<string, unknown> => ({
  fileSettings: { fileInfo: [{ name: 'one', destinationPath: path }] },
})
function file(name: string, document: unknown): string {
  writeFileSync(join(folder, name), typeof document === 'string' ? document : JSON.stringify(document))
  return name
}

test('a rule is saved twice, compared, rolled back, and each of that is in its history', async () => {
  for (const path of ['/a', '/b']) await rules('import', file('mine.json', ruleAround(settings(path))), '--replace')
  expect((await rules('diff', 'mine')).output).toMatch(
    /^mine, from version 1 to version 2:\n.*fileInfo\["one"\]\.destinationPath changed\n  - "\/a"\n  \+ "\/b"\n$/,
  )
  expect((await rules('diff', 'mine')).code).toBe(1)
  expect((await rules('diff', 'mine', '1', '1')).output).toBe('mine, from version 1 to version 1: the same\n')
  expect((await rules('rollback', 'mine', '1')).output).toBe('mine is as it was in version 1; that is version 3 now.\n')
  const lines = (await rules('history', 'mine')).output.trimEnd().split('\n')
  expect(lines.map((line) => line.trim().split(/\s+/)[0])).toEqual(['VERSION', '3', '2', '1'])
  expect(lines[1]).toMatch(/admin\s+as version 1$/)
  expect((await rules('rollback', 'mine', '9')).errors).toContain('has no version 9')
  expect((await rules('diff', 'mine', '0')).errors).toContain('"0" is no version')
  expect((await rules('diff', 'Microsoft-CT-DCR')).errors).toContain('is the first one')
})

test('a template is stored by its parameters, and what is there already stays', async () => {
  const resource = {
    type: 'Microsoft.Insights/dataCollectionRules',
    name: "[parameters('name')]",
    ...ruleAround(settings('/t')),
  }
  const template = file('template.json', { parameters: { name: { type: 'string' } }, resources: [resource] })
  const dry = await rules('import', template, '--parameter', 'name=from-template', '--dry-run', '--json')
  expect(JSON.parse(dry.output)).toMatchObject({ name: 'from-template', properties: { dataFlows: [{}] } })
  expect((await rules('import', template, '--parameter', 'name=from-template')).output).toBe(
    'from-template is stored.\n',
  )
  const again = await rules('import', template, '--parameter', 'name=from-template')
  expect([again.code, again.errors]).toEqual([2, expect.stringContaining('from-template is there already')])
  const wrong = await rules('import', file('wrong.json', ruleAround({ fileSettings: { watch: 1 } })))
  expect(wrong.errors).toMatch(/nothing is stored: wrong has mistakes:\n.*fileSettings\.watch/)
  expect((await rules('import', file('no.json', '{"a":1}'))).errors).toContain('no.json has no rule')
  expect((await rules('import', file('broken.json', '{\n,}'))).errors).toContain('line 2, column 1')
})

test('machines are asked for a forecast, and what they answer is told', async () => {
  const admin = { authorization: `Bearer ${readFileSync(server.adminTokenFile, 'utf8').trim()}` }
  const json = { 'content-type': 'application/json' }
  const registered = await fetch(`${server.url}/api/machines`, {
    method: 'POST',
    headers: { ...admin, ...json },
    body: JSON.stringify({ computer: 'web-1', sourceComputerId: '0b0e9a3c-7d2a-4a43-9f0b-000000000001' }),
  })
  const { resourceId, token } = (await registered.json()) as { resourceId: string; token: string }
  const own = { authorization: `Bearer ${token}` }
  const place = `${server.url}${resourceId}/agentQuestions`
  const asked = rules('forecast', file('asked.json', settings('/etc/*')), '--machine', 'web-1')
  const questions = async () =>
    (
      (await (await fetch(`${place}?api-version=2022-06-02`, { headers: own })).json()) as {
        questions: { id: string }[]
      }
    ).questions
  await expect.poll(questions, { timeout: 30_000 }).toMatchObject([{ extensionSettings: settings('/etc/*') }])
  const [question] = await questions()
  const answer = { kind: 'failed', reason: 'its disk is away' }
  await fetch(`${place}/${question?.id}?api-version=2022-06-02`, {
    method: 'POST',
    headers: { ...own, ...json },
    body: JSON.stringify(answer),
  })
  const { output, errors } = await asked
  expect(output).toMatch(/^asked would track\n\nMACHINE.*\nweb-1\s+failed: its disk is away/)
  expect(errors).toContain('0 of 1 machines have answered')
  expect((await rules('forecast', 'asked.json', '--machine', 'nobody')).errors).toContain(
    'no machine is named "nobody"',
  )
})
