import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { systemClock } from '@tidemark/base'
import { type ForwardServer, listenForward, socketAddress } from '@tidemark/forward'
import { socketNames } from '@tidemark/model'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { askForTracking } from './asking.ts'

/** A busy machine may take its time. */
const soon = <T>(read: () => T) => expect.poll(read, { timeout: 10_000 })

let folder = ''
let server: ForwardServer | undefined
let requests: Record<string, unknown>[] = []
let names: string[] = []
let isBroken = false
let stop: AbortController
let asking: Promise<void>
let heard: string[] = []
let troubles: (string | undefined)[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-asking-'))
  ;[requests, heard, troubles, names, isBroken] = [[], [], [], ['one'], false]
  stop = new AbortController()
  asking = askForTracking({
    socketsDirectory: folder,
    refreshMs: 30,
    retryMs: 10,
    clock: systemClock,
    log: pino({ level: 'silent' }),
    signal: stop.signal,
    onTracking: ({ rules }) => heard.push(rules.map(({ name }) => name).join()),
    onTrouble: (reason) => troubles.push(reason),
  })
})
afterEach(async () => {
  stop.abort(new Error('stopped'))
  await asking
  await server?.[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

async function listen(): Promise<void> {
  server = await listenForward({
    address: socketAddress(socketNames.config, folder),
    clock: systemClock,
    handler: {
      onMessage: async () => await Promise.resolve({ kind: 'refused', reason: 'no data here' }),
      onRequest: async (text) => await Promise.resolve(answer(text)),
    },
  })
}

function answer(text: string): string {
  const request: Record<string, unknown> = JSON.parse(text)
  requests.push(request)
  const extensionConfigurations = names.map((id) => ({ id, extensionSettings: {}, outputStreams: {} }))
  const TaggedData = isBroken ? '{' : JSON.stringify({ extensionName: 'x', extensionConfigurations })
  return JSON.stringify({ ...request, Success: true, Description: '', TaggedData })
}

test('an agent that is not there is asked until it is, and trouble ends with its answer', async () => {
  await soon(() => troubles.length).toBeGreaterThan(1)
  expect(troubles[0]).toContain('does not answer')
  expect(heard).toEqual([])
  await listen()
  await soon(() => heard).toEqual(['one'])
  await soon(() => troubles.at(-1)).toBeUndefined()
  expect(requests[0]).toEqual({
    Request: 'AgentTaggedData',
    RequestId: expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-4/),
    Tag: 'ChangeTracking-Linux',
    Version: '1',
  })
})

test('rules that change are told at the next refresh, equal ones once', async () => {
  await listen()
  await soon(() => requests.length).toBeGreaterThan(3)
  expect(heard).toEqual(['one'])
  names = ['one', 'two']
  await soon(() => heard).toEqual(['one', 'one,two'])
})

test('an answer that is wrong changes no rules, and is told', async () => {
  await listen()
  await soon(() => heard).toEqual(['one'])
  isBroken = true
  await soon(() => troubles.at(-1)).toContain("the agent's answer is wrong: TaggedData")
  expect(heard).toEqual(['one'])
})
