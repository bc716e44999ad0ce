import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { Sink } from '@tidemark/agent/testing'
import { systemClock } from '@tidemark/base'
import { agentPlaces, streamId } from '@tidemark/model'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { runProgram } from '../program.ts'
import { terminalOf } from '../terminal/terminal.ts'

const dcr = `dcr-${'a'.repeat(32)}`
const changes = streamId({ dcr, dataSource: 'CTDataSource-Linux', dataType: 'CONFIG_CHANGE_BLOB_V2' })

let root = ''
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'tidemark-sink-'))))
afterEach(() => rmSync(root, { recursive: true, force: true }))

async function run(...words: readonly string[]): Promise<{ output: string; errors: string; code: number }> {
  const [output, errors]: [string[], string[]] = [[], []]
  let code = 0
  const stream = (to: string[]) => ({ write: (text: string) => to.push(text), isTTY: false })
  await runProgram([...words, '--root', root], {
    terminal: terminalOf({ out: stream(output), error: stream(errors), environment: {} }),
    environment: {},
    folder: root,
    signal: new AbortController().signal,
    setExitCode: (one) => (code = one),
  })
  return { output: output.join(''), errors: errors.join(''), code }
}

test('what waits is listed and shown, while the sink is open and after', async () => {
  const { events } = agentPlaces(root)
  const options = { bytesMax: 1_000_000, clock: systemClock, log: pino({ level: 'silent' }) }
  const sink = new Sink(events, () => true, options)
  const stream = sink.stream(changes)
  const reader = stream.reader('ods-w')
  for (const value of [1, 2, 3]) await stream.append([{ value }, { value: value * 10 }], `c${value}`)
  const batch = reader.nextBatch({ rowsMax: 2, bytesMax: 1_000_000 })
  if (batch) reader.finish(batch)
  for (const isOpen of [true, false]) {
    if (!isOpen) await sink[Symbol.asyncDispose]()
    const [listed] = JSON.parse((await run('sink', 'ls', '--json')).output)
    expect(listed).toMatchObject({ id: changes, records: 3, rows: 6, waiting: { 'ods-w': 4 }, untold: [], damaged: [] })
    expect((await run('sink', 'ls')).output).toContain('ods-w: 4')
    const { output } = await run('sink', 'show', 'CHANGE_BLOB_V2', '--limit', '3')
    expect(
      output
        .trim()
        .split('\n')
        .map((line): unknown => JSON.parse(line)),
    ).toEqual([{ value: 1 }, { value: 10 }, { value: 2 }])
  }
  const [first = ''] = (await run('sink', 'show', changes, '--json')).output.split('\n')
  expect(JSON.parse(first)).toMatchObject({ place: '00000001:0', chunk: 'c1', row: { value: 1 } })
})

test('a stream that is none, and a folder that is not there, are told', async () => {
  expect(await run('sink', 'ls')).toMatchObject({ code: 3, errors: expect.stringContaining('events cannot be read') })
  mkdirSync(join(agentPlaces(root).events, changes), { recursive: true })
  writeFileSync(join(agentPlaces(root).events, changes, '00000001.segment'), 'no record at all')
  expect(await run('sink', 'show', 'nothing')).toMatchObject({ code: 1, errors: expect.stringContaining(changes) })
  expect(await run('sink', 'show', changes)).toMatchObject({ code: 0, output: '' })
})
