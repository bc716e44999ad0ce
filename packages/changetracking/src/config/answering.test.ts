// Goal: every question gets one answer, whatever it is, and an agent that knows no questions is left in peace.
// Method: an agent of a few lines on a socket of its own; a real forecast where one is asked for.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { systemClock } from '@tidemark/base'
import { type ForwardServer, listenForward, socketAddress } from '@tidemark/forward'
import { answersTag, type QuestionAnswer, socketNames } from '@tidemark/model'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { forecastOf } from '../forecast/forecast-of.ts'
import { answerQuestions, type AnsweringOptions } from './answering.ts'

/** A busy machine may take its time. */
const soon = <T>(read: () => T) => expect.poll(read, { timeout: 20_000 })
const id = '0b0e9a3c-7d2a-4a43-9f0b-0123456789ab'

let folder = ''
let server: ForwardServer
let stop: AbortController
let answering: Promise<void> | undefined
let open: object[] = []
let requests = 0
let answers: { readonly id: unknown; readonly answer: QuestionAnswer }[] = []
let isOld = false

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-answering-'))
  stop = new AbortController()
  ;[open, requests, answers, isOld] = [[], 0, [], false]
  server = await listenForward({
    address: socketAddress(socketNames.config, folder),
    clock: systemClock,
    handler: {
      onMessage: async ({ tag, entries }) => {
        await Promise.resolve()
        if (tag !== answersTag) return { kind: 'refused', reason: 'another tag' }
        for (const { record } of entries)
          answers.push({ id: record['Id'], answer: JSON.parse(String(record['Answer'])) })
        return { kind: 'accepted' }
      },
      onRequest: async (text) => {
        requests += 1
        const { Request, RequestId }: Record<string, string> = JSON.parse(text)
        const TaggedData = JSON.stringify(isOld ? {} : { questions: open.splice(0) })
        const answer = { Request, RequestId, Version: '1', Success: !isOld, Description: '', TaggedData }
        return await Promise.resolve(JSON.stringify(answer))
      },
    },
  })
})
afterEach(async () => {
  stop.abort(new Error('stopped'))
  await answering
  await server[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

function start(forecast: AnsweringOptions['forecast'] = forecastOf, refreshMs = 60_000): void {
  const log = pino({ level: 'silent' })
  const times = { refreshMs, retryMs: 20, clock: systemClock, log, signal: stop.signal }
  answering = answerQuestions({ socketsDirectory: folder, ...times, forecast })
}

test('a forecast counts what is there', async () => {
  const tracked = join(folder, 'tracked')
  mkdirSync(tracked)
  for (const name of ['a.conf', 'b.conf', 'c.txt']) writeFileSync(join(tracked, name), 'twelve bytes')
  const fileInfo = [{ name: 'mine', destinationPath: `${tracked}/*.conf` }]
  open = [{ id, kind: 'forecast', secondsLeft: 60, extensionSettings: { fileSettings: { fileInfo } } }]
  start()
  await soon(() => answers).toMatchObject([
    {
      id,
      answer: {
        kind: 'forecast',
        forecast: { entries: [{ name: 'mine', tally: { files: 2 } }], all: { bytes: 24 } },
      },
    },
  ])
})

test('what cannot be answered is answered with the reason', async () => {
  open = [
    { id, kind: 'weather', secondsLeft: 60, extensionSettings: {} },
    { id, kind: 'forecast', secondsLeft: 60, extensionSettings: { enableFiles: 'often' } },
    { id, kind: 'forecast', secondsLeft: 60, extensionSettings: {} },
    { id, kind: 'forecast', secondsLeft: 0, extensionSettings: { enableFiles: false } },
  ]
  start(async ({ enableFiles }, { signal, onProgress }) => {
    if (enableFiles) throw new Error('no disk')
    onProgress({ paths: 7, bytes: 0 })
    return await new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('aborted')))
    })
  })
  await soon(() => answers.map(({ answer }) => (answer.kind === 'failed' ? answer.reason : 'none'))).toEqual([
    'this version of change tracking knows no question "weather"',
    expect.stringContaining('enableFiles'),
    'nothing can be forecast here: no disk',
    'it had looked at 7 paths when nobody waited any more',
  ])
})

test('an agent that knows no questions is asked as seldom as for the rules', async () => {
  isOld = true
  start(forecastOf, 600_000)
  await soon(() => requests).toBe(1)
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(requests).toBe(1)
})
