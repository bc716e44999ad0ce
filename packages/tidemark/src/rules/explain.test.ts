import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { agentPlaces } from '@tidemark/model'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { runProgram } from '../program.ts'

let folder = ''
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'tidemark-explain-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

interface Answer {
  readonly output: string
  readonly errors: string
  readonly code: number
}

async function explain(...words: readonly string[]): Promise<Answer> {
  let [output, errors, code] = ['', '', 0]
  await runProgram(['rules', 'explain', ...words], {
    terminal: {
      isColoured: false,
      isInteractive: false,
      columns: 120,
      write: (text) => void (output += text),
      writeError: (text) => void (errors += text),
    },
    environment: {},
    folder,
    signal: new AbortController().signal,
    setExitCode: (value) => void (code = value),
  })
  return { output, errors, code }
}

function keepRule(id: string, extensionSettings: unknown): void {
  const chunks = agentPlaces(folder).configChunks
  mkdirSync(chunks, { recursive: true })
  writeFileSync(join(chunks, 'machine.json'), '{"eTags":{}}')
  const one = {
    id: `${id}:CTDataSource-Linux`,
    originIds: [`/subscriptions/0/dataCollectionRules/name-of-${id}`],
    extensionSettings,
    outputStreams: {},
  }
  const chunk = { extensionConfigurations: { 'ChangeTracking-Linux': [one] } }
  writeFileSync(join(chunks, `${id}.json`), JSON.stringify(chunk))
}

const entry = (destinationPath: string, more: object = {}): object => ({
  name: 'mine',
  destinationPath,
  ...more,
})

test('the rules in force on this machine are explained in their order, with what is on disk', async () => {
  writeFileSync(join(folder, 'a.conf'), '')
  const fileInfo = [entry(`${folder}/*.conf`, { uploadContent: true })]
  keepRule('dcr-2', { fileSettings: { fileCollectionFrequency: 60, fileInfo } })
  keepRule('dcr-1', { fileSettings: { fileInfo: [entry(folder, { type: 'Directory' }), {}] } })
  const { output, errors, code } = await explain('a.conf', '--root', folder)
  expect(code).toBe(0)
  expect(errors).toContain('left out of the rules in force: name-of-dcr-1: fileSettings.fileInfo[1].name')
  expect(output.split('\n').map((line) => line.replaceAll(folder, '').replace(/ {2,}/g, '  '))).toEqual([
    '/a.conf: tracked',
    '  looked at as  entry "mine" of rule "name-of-dcr-2" says',
    '  compared  by content (sha256)',
    '  content  each version is kept',
    '  every  60 s',
    '',
    'RULE  ENTRY  PATTERN  THIS PATH',
    'name-of-dcr-1  mine  wrong type: it is a file, the entry wants a directory',
    'name-of-dcr-2  mine  /*.conf  tracked',
    '',
  ])
})

test('a path that is not tracked, or not there, is explained, too', async () => {
  keepRule('dcr-1', { fileSettings: { fileInfo: [entry('/nowhere/*.conf')], exclude: '*.swp.conf' } })
  const outside = await explain('/etc/a.conf', '--root', folder)
  expect(outside).toMatchObject({ code: 1, output: expect.stringContaining('no match: "nowhere" is not "etc"') })
  const excluded = await explain('/nowhere/x.swp.conf/y.conf', '--root', folder)
  expect(excluded.code).toBe(1)
  expect(excluded.output).toContain('excluded by "*.swp.conf" of rule "name-of-dcr-1", at /nowhere/x.swp.conf')
  const later = await explain('/nowhere/a.conf', '--root', folder)
  expect(later).toMatchObject({ code: 0, output: expect.stringContaining('tracked, if it becomes a file') })
  expect(later.output).toContain('/nowhere/a.conf: tracked (nothing is there)')
  writeFileSync(join(folder, 'file'), '')
  expect(await explain('file/below', '--root', folder)).toMatchObject({ code: 1, errors: '' })
})

test('a symbolic link on the way is told', async () => {
  mkdirSync(join(folder, 'real'))
  writeFileSync(join(folder, 'real/a'), '')
  symlinkSync('real', join(folder, 'way'))
  keepRule('dcr-1', { fileSettings: { fileInfo: [entry(folder, { links: 'Ignore' })] } })
  const { output, code } = await explain('way/a', '--root', folder)
  expect(code).toBe(1)
  expect(output).toContain(`left out: ${folder}/way is a symbolic link, and links is Ignore`)
})

test('a name that is not UTF-8 is found by how it is shown', async () => {
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/x`), Buffer.from([0xff])]), '')
  keepRule('dcr-1', { fileSettings: { fileInfo: [entry(`${folder}/*`)] } })
  const { output, code } = await explain(String.raw`x\xff`, '--root', folder, '--json')
  expect(code).toBe(0)
  expect(JSON.parse(output)).toMatchObject({ path: String.raw`${folder}/x\xff`, exists: true, kind: 'file' })
})

test('a file with a rule, or with only its settings, stands in for the rules in force', async () => {
  const settings = { fileSettings: { fileInfo: [entry('/etc')] } }
  writeFileSync(join(folder, 'mine.json'), JSON.stringify(settings))
  const answer = await explain('/etc', '--rule', 'mine.json', '--json')
  expect(answer.code).toBe(1)
  expect(JSON.parse(answer.output)).toMatchObject({
    isTracked: false,
    exists: true,
    kind: 'directory',
    entries: [{ rule: 'mine', verdict: { kind: 'wrong-type', wanted: 'File', found: 'directory' } }],
  })
})

test.each([
  {
    name: 'a rule that is not there',
    words: ['/x', '--rule', 'none.json'],
    code: 2,
    says: 'none.json cannot be read: there is no such file',
  },
  { name: 'no path', words: [], code: 2, says: "missing required argument 'path'" },
  { name: 'a machine without an agent', words: ['/x', '--root', '.'], code: 3, says: 'no agent keeps rules below' },
])('with $name it says what is wrong', async ({ words, code, says }) => {
  const answer = await explain(...words)
  expect(answer).toMatchObject({ code, output: '', errors: expect.stringContaining(says) })
})

test('a damaged config chunk is no half answer', async () => {
  keepRule('dcr-1', {})
  writeFileSync(join(agentPlaces(folder).configChunks, 'dcr-2.json'), '{')
  const { code, errors } = await explain('/x', '--root', folder)
  expect(code).toBe(3)
  expect(errors).toContain('dcr-2.json is damaged')
})
